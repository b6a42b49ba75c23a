"""Publishing makes a version of a questionnaire immutable and compiles its mails.

Mails are compiled here and not when they are sent: a mistake in a template then refuses the
publication instead of failing a delivery at night.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from surveys.mail.skeleton import compile_all
from surveys.models import MailSkeleton, Policy, Questionnaire, QuestionnaireVersion
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import check, to_builtins
from surveys.questionnaire.lint import lint
from surveys.questionnaire.schema import Definition, DefinitionError

DEFAULT_SLUG = "default"


def ensure_defaults() -> None:
    """Give a fresh installation its questionnaire and policy; leave an existing one alone."""
    if Policy.objects.filter(slug=DEFAULT_SLUG).exists():
        return
    with transaction.atomic():
        questionnaire, created = Questionnaire.objects.get_or_create(
            slug=DEFAULT_SLUG, defaults={"name": "Fix and cause"}
        )
        if created:
            publish(questionnaire, default_definition())
        Policy.objects.get_or_create(
            slug=DEFAULT_SLUG,
            defaults={"name": "Every resolved case", "questionnaire": questionnaire},
        )


def publish(questionnaire: Questionnaire, definition: Definition) -> QuestionnaireVersion:
    """Store the definition as the questionnaire's next version, with its mails.

    Raises: DefinitionError naming the place of the first fault.
    """
    check(definition)
    for finding in lint(definition):
        if finding.severity == "error":
            raise DefinitionError(finding.path, finding.message)
    with transaction.atomic():
        # Two publications at once get two numbers, one after the other.
        Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        newest = questionnaire.versions.order_by("-number").first()
        version = QuestionnaireVersion.objects.create(
            questionnaire=questionnaire,
            number=newest.number + 1 if newest else 1,
            definition=to_builtins(definition),
            published_at=timezone.now(),
        )
        MailSkeleton.objects.bulk_create(
            MailSkeleton(
                version=version,
                language=mail.language,
                arm=mail.arm,
                kind=mail.kind,
                subject=mail.subject,
                html=mail.html,
                text=mail.text,
            )
            for mail in compile_all(definition)
        )
    return version
