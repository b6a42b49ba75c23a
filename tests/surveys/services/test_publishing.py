"""Only what keeps the two ratings apart can be published."""

from __future__ import annotations

from typing import Any

import pytest

from surveys.models import Questionnaire, QuestionnaireVersion
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.schema import DefinitionError
from surveys.services.publishing import publish

pytestmark = pytest.mark.django_db


def test_publish_refuses_a_definition_with_an_error_and_stores_nothing() -> None:
    questionnaire = Questionnaire.objects.create(slug="own", name="Our own")
    document: Any = to_builtins(default_definition())
    document["blocks"][0]["items"].append(document["blocks"][1]["items"].pop())

    with pytest.raises(DefinitionError) as caught:
        publish(questionnaire, from_builtins(document))

    assert caught.value.path == "$.blocks[0]"
    assert not QuestionnaireVersion.objects.filter(questionnaire=questionnaire).exists()
