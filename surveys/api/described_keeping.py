"""How erasing a person and the sample data are described in the OpenAPI schema."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from surveys.api.described import IDEMPOTENCY, Example, Json, answers, record, ref, text
from surveys.api.described_operations import ADDED, COUNT, Operations
from surveys.services.privacy import Erased

_COUNTS: Final = [field.name for field in fields(Erased)]
_SAMPLE: Final[dict[str, Json]] = {"is_loaded": {"type": "boolean"}, "n_cases": COUNT}
COMPONENTS: Final[dict[str, Json]] = {
    "Erasure": record(
        ["address"],
        address=text("E-mail address, or telephone number with its country.", 254, minLength=1),
        dry_run={"type": "boolean", "description": "Only count."},
    ),
    "Erased": record(
        [*_COUNTS, "dry_run"], **dict.fromkeys(_COUNTS, COUNT), dry_run={"type": "boolean"}
    ),
    "SampleData": record(list(_SAMPLE), **_SAMPLE),
    "SampleDataLoaded": record(
        [*_SAMPLE, "is_new"],
        **_SAMPLE,
        is_new={"type": "boolean", "description": "`false`: it was there before."},
    ),
}
_privacy: Final = Operations("privacy")
_sample: Final = Operations("sample data")

ERASE: Final = _privacy.posting(
    "erase_customer",
    "Erase what identifies a customer",
    "Address, name, subjects, tags, answers and comments, for good: nothing brings them back. "
    "Reports no longer count the answers, links open nothing, and nobody writes to the address "
    "again. Again changes nothing.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("Erasure")},
    responses=answers(200, schema=ref("Erased"), problems=ADDED),
    examples=[
        Example(
            "Count first",
            value={"address": "ada@example.com", "dry_run": True},
            request_only=True,
        )
    ],
)
SAMPLE: Final = _sample(
    "read_sample_data",
    "Whether the sample data is there",
    "With the number of its cases, those resolved to try things out included.",
    responses=answers(200, schema=ref("SampleData"), problems=()),
)
LOAD: Final = _sample.posting(
    "load_sample_data",
    "Load the sample half year",
    "Its figures appear within seconds. Where it is loaded already nothing happens.",
    parameters=[IDEMPOTENCY],
    responses=answers(200, schema=ref("SampleDataLoaded"), problems=ADDED),
)
REMOVE: Final = _sample(
    "remove_sample_data",
    "Remove every sample row",
    "Real cases are not touched. Again changes nothing.",
    responses={204: None} | answers(schema={}, problems=()),
)
