"""The seeded defects, by the part that they break."""

from __future__ import annotations

from typing import Final

from tests.defects.catalogue.aggregation import AGGREGATION
from tests.defects.catalogue.answers import ANSWERS
from tests.defects.catalogue.bounces import BOUNCES
from tests.defects.catalogue.claims import CLAIMS
from tests.defects.catalogue.intake import INTAKE
from tests.defects.catalogue.privacy import PRIVACY
from tests.defects.catalogue.sending import SENDING
from tests.defects.catalogue.webhooks import WEBHOOKS
from tests.defects.kinds import Defect

DEFECTS: Final[tuple[Defect, ...]] = (
    *CLAIMS,
    *SENDING,
    *INTAKE,
    *ANSWERS,
    *BOUNCES,
    *PRIVACY,
    *WEBHOOKS,
    *AGGREGATION,
)
