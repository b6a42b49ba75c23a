"""Rules looked at beside the cases of the past, and applied to them where somebody says so.

A resolution keeps the cause it had; only a person moves it, with a log and an undo, through the
same queue as a merge.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
from django.db import transaction
from django.utils import timezone

from surveys.models import Cause, CauseChange, CauseRule
from surveys.services import cause_calls, cause_rule_list
from surveys.services.authors import Author, signed
from surveys.services.cause_moves import CauseError, count_answers, locked, move_all, move_back
from surveys.services.cause_rules import FIELD, Facts, Rule, decide, facts_of, plain
from surveys.services.intake_sql import rows

#: So many of the newest cases are tried before a rule is saved.
TRIED: Final = 200
_CHUNK: Final = 5_000
#: What the resolution's founding event said; where none is kept, what the case says.
_PAST: Final = """
SELECT r.id, r.cause_id, CASE WHEN k.mapped_at IS NOT NULL THEN k.id END, coalesce(k.name, ''),
  c.id, c.source, c.external_id, c.subject, c.tags, coalesce(k.code, ''), coalesce(p.name, ''),
  coalesce(t.name, ''), r.channel, r.severity, r.resolved_at,
  (SELECT e.content FROM surveys_caseevent e WHERE e.case_id = r.case_id
     AND e.status = 'resolved' AND (e.occurred_at = r.resolved_at
       OR (e.content->>'resolved_at')::timestamptz = r.resolved_at)
   ORDER BY e.occurred_at LIMIT 1),
  ARRAY(SELECT name FROM surveys_team WHERE merged_into_id = r.team_id),
  ARRAY(SELECT name FROM surveys_product WHERE merged_into_id = r.product_id)
FROM surveys_resolution r JOIN surveys_case c ON c.id = r.case_id
LEFT JOIN surveys_cause k ON k.id = r.cause_id
LEFT JOIN surveys_product p ON p.id = r.product_id
LEFT JOIN surveys_team t ON t.id = r.team_id
"""
_NEWEST: Final = _PAST + "ORDER BY r.resolved_at DESC, r.id DESC LIMIT %s"
_IN_REACH: Final = _PAST + (
    "WHERE r.id < %s AND CASE WHEN %s::bigint IS NULL THEN k.mapped_at IS NULL"
    " ELSE r.cause_id = %s::bigint END ORDER BY r.id DESC LIMIT %s"
)
_EVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Past:
    """A resolution as rules see it."""

    id: int
    cause_id: int | None
    cause: str
    case_id: int
    external_id: str
    subject: str
    resolved_at: dt.datetime
    facts: Facts


@dataclass(frozen=True, slots=True)
class Changed:
    """A case that would belong to another cause, and by which rule (0: the one tried out)."""

    past: Past
    rule: int
    becomes: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What rules would do to the newest cases. `by_rule`: how many each would change, by id."""

    n_tried: int
    n_without: int
    changed: tuple[Changed, ...]
    by_rule: dict[int, int] = field(default_factory=dict)
    # Of a rule over a field of the body: cases that it might decide, those of them for which the
    # field is not known, and those for which only a call that is still kept says it.
    n_open: int = 0
    n_unknown: int = 0
    n_from_calls: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """What applying a rule to the past would move."""

    by_source: dict[int | None, list[int]]
    n_cases: int
    n_answers: int
    examples: tuple[Past, ...]


def try_out(rules: Sequence[Rule], draft: Rule | None = None) -> Trial:
    """Rules in order, tried on the newest cases; nothing is changed. Of the `draft` among them, if
    it looks at a field of the body, also what calls say that are still kept."""
    pasts = [_past(row) for row in rows(_NEWEST, TRIED)]
    n_open = n_unknown = n_from_calls = 0
    if draft is not None and draft.what == FIELD:
        n_open = sum(_might_decide(draft, past) for past in pasts)
        asked = [past for past in pasts if _lacks_field(draft, past)]
        told = cause_calls.told_lately(draft.path, draft.source) if asked else {}
        pasts = [_with_field(past, draft.path, told) for past in pasts]
        n_unknown = sum(_lacks_field(draft, past) for past in pasts)
        n_from_calls = len(asked) - n_unknown
    found = [(past, rule) for past in pasts if (rule := decide(rules, past.facts))]
    names = dict(
        Cause.objects.filter(pk__in={rule.cause for _, rule in found}).values_list("pk", "name")
    )
    changed = tuple(Changed(past, rule.id, names.get(rule.cause, "")) for past, rule in found)
    n_without = sum(past.facts.cause is None for past in pasts)
    by_rule = Counter(one.rule for one in changed)
    return Trial(len(pasts), n_without, changed, by_rule, n_open, n_unknown, n_from_calls)


def _might_decide(rule: Rule, past: Past) -> bool:
    return rule.source in ("", past.facts.source) and rule.within == past.facts.cause


def _lacks_field(rule: Rule, past: Past) -> bool:
    """Whether the rule might decide this case, and nothing says what its field held."""
    return _might_decide(rule, past) and rule.path not in past.facts.fields


def _with_field(past: Past, path: str, told: Mapping[tuple[str, str], Sequence[str]]) -> Past:
    texts = told.get((past.facts.source, past.external_id))
    if texts is None or path in past.facts.fields:
        return past
    fields = {**past.facts.fields, path: [plain(text) for text in texts]}
    return replace(past, facts=replace(past.facts, fields=fields))


def trial_rules(draft: CauseRule | None = None, *, first: bool = False) -> list[Rule]:
    """The rules as they are, with one more, or one of them as it would be."""
    known = cause_rule_list.load()
    if draft is None:
        return known
    new = cause_rule_list.deciding(draft)
    if new.id:
        return [new if rule.id == new.id else rule for rule in known]
    return [new, *known] if first else [*known, new]


def reach(rule: Rule, rules: Sequence[Rule] | None = None) -> Reach:
    """Which resolutions the rule would decide, given the rules tried before it."""
    tried = list(rules) if rules is not None else [rule]
    by_source: dict[int | None, list[int]] = {}
    examples: list[Past] = []
    for past in _in_reach(rule.within):
        decided = decide(tried, past.facts)
        if decided is not None and decided.id == rule.id and past.cause_id != rule.cause:
            by_source.setdefault(past.cause_id, []).append(past.id)
            if len(examples) < 5:
                examples.append(past)
    every = [number for ids in by_source.values() for number in ids]
    return Reach(by_source, len(every), count_answers(every), tuple(examples))


@transaction.atomic
def apply(pk: int, now: dt.datetime, by: Author = None) -> CauseChange:
    """Have a rule decide on the cases of the past, as it would have done when they were resolved.

    Raises: CauseRule.DoesNotExist; CauseError where there is nothing to move.
    """
    rule = CauseRule.objects.select_related("cause", "within").get(pk=pk, deleted_at=None)
    known = cause_rule_list.load()
    own = next(one for one in known if one.id == pk)
    target = Cause.objects.get(pk=own.cause)
    held = locked(target.code)[target.code]
    if held.merged_into_id is not None:
        raise CauseError(f"The cause “{held.code}” was merged meanwhile; look again.")
    found = reach(own, known)
    if not found.n_cases:
        raise CauseError("No case of the past is left for this rule.")
    n_answers = move_all(found.by_source, target.pk, now)
    return _log(CauseChange.Kind.APPLIED, target, cause_rule_list.words(rule), found, n_answers, by)


@transaction.atomic
def split(
    wish: cause_rule_list.Wish, name: str, now: dt.datetime, by: Author = None
) -> CauseChange:
    """Make two causes of `wish.within`: what its rule fits belongs to `wish.cause`, which is made
    with this name where there is none, in the past and from now on.

    Raises: CauseError.
    """
    held = locked(wish.within)[wish.within]
    if held.merged_into_id is not None or held.mapped_at is None:
        raise CauseError(f"“{held.code}” is no cause of its own; only such can be split.")
    target, is_new = _target(wish.cause, name, now, is_sample=held.is_sample)
    rule = cause_rule_list.add(wish, by, first=True)
    entry = CauseChange.objects.filter(kind=CauseChange.Kind.RULED).latest("pk")
    found = reach(cause_rule_list.deciding(rule))
    if not found.n_cases:
        raise CauseError("No case fits: nothing would be split.")
    n_answers = move_all(found.by_source, target.pk, now)
    words = cause_rule_list.words(rule)
    done = _log(CauseChange.Kind.SPLIT, target, words, found, n_answers, by)
    done.was |= {"rule_entry": entry.pk, "rule": rule.pk, "made": is_new, "from_code": held.code}
    done.save(update_fields=["was"])
    entry.delete()  # one press, one entry
    return done


def split_reach(wish: cause_rule_list.Wish, name: str) -> Reach:
    """What `split` would move now; it is made and undone again.

    Raises: CauseError, as `split` does.
    """
    now = timezone.now()
    with transaction.atomic():
        _target(wish.cause, name, now, is_sample=False)
        found = reach(cause_rule_list.deciding(cause_rule_list.read(wish)))
        transaction.set_rollback(True)
    return found


def undo_moved(entry: CauseChange, now: dt.datetime) -> tuple[int, int]:
    """Take an application or a split back; how many resolutions and answers went back.

    Raises: CauseError.
    """
    held = locked(entry.code)[entry.code]
    if held.merged_into_id is not None:
        raise CauseError(f"“{entry.code}” was merged since; undo that first.")
    by_source = {
        int(source) if source else None: ids for source, ids in entry.was["sources"].items()
    }
    counts = move_back(by_source, held.pk, now)
    if entry.kind == CauseChange.Kind.SPLIT:
        CauseRule.objects.filter(pk=entry.was["rule"]).update(deleted_at=now)
        is_used = held.rules.filter(deleted_at=None).exists() or held.merged.exists()
        if entry.was["made"] and not is_used and not _has_cases(held):
            held.mapped_at = None
            held.save(update_fields=["mapped_at"])
    return counts


def _has_cases(cause: Cause) -> bool:
    return cause.resolution_set.exists()


def _target(code: str, name: str, now: dt.datetime, *, is_sample: bool) -> tuple[Cause, bool]:
    code, name = " ".join(code.split()), " ".join(name.split())
    if not 1 <= len(code) <= 200 or "\x00" in code:
        raise CauseError("The new cause needs a code of 1 to 200 characters.")
    if len(name) > 200 or "\x00" in name:
        raise CauseError("A cause needs a name of 1 to 200 characters.")
    made = {"name": name or code, "mapped_at": now, "is_sample": is_sample}
    cause, is_new = Cause.objects.get_or_create(code=code, defaults=made)
    if cause.merged_into_id is not None:
        raise CauseError(f"The cause “{code}” was merged into another one.")
    if cause.mapped_at is None:  # left over from a split that was undone, or waiting
        cause.mapped_at, is_new = now, True
        cause.save(update_fields=["mapped_at"])
    return cause, is_new


def _in_reach(within: int | None) -> Iterator[Past]:
    before = _EVER
    while found := rows(_IN_REACH, before, within, within, _CHUNK):
        yield from map(_past, found)
        before = found[-1][0]


def _past(row: Sequence[Any]) -> Past:
    (number, cause_id, mapped, name, case_id, source, external_id, subject, tags, code, product,
     team, channel, severity, resolved_at, content, teams, products) = row  # fmt: skip
    kept = msgspec.json.decode(content) if isinstance(content, str) else content
    if kept is None:
        kept = {"subject": subject, "tags": tags, "cause": code, "product": product}
        kept |= {"team": team, "channel": channel, "severity": severity}
    facts = facts_of(
        source, kept, mapped, {"team": [team, *teams], "product": [product, *products]}
    )
    return Past(number, cause_id, name, case_id, external_id, subject, resolved_at, facts)


def _log(
    kind: str, target: Cause, words: str, found: Reach, n_answers: int, by: Author
) -> CauseChange:
    sources = {str(source or ""): ids for source, ids in found.by_source.items()}
    return CauseChange.objects.create(
        kind=kind,
        code=target.code,
        before=words,
        after=target.name[:200],
        n_resolutions=found.n_cases,
        n_answers=n_answers,
        was={"sources": sources},
        **signed(by),
    )
