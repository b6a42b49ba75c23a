"""What a policy asks of a case before it surveys it: pure, read by intake, pages and dry runs.

A condition names facts of the case as they were at resolution. In the stored form
`["phone", "chat"]` means "is one of", `{"not": ["low"]}` "is none of", `true` and `false` whether
a person handled it, and `{"min": 2, "max": 3}` how many agents did. All of them must hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

# Facts with one value, those with several, and the two that are no words.
WORD_FACTS: Final = ("product", "channel", "team", "cause", "severity")
TAGS: Final = "tags"
HUMAN: Final = "human_handled"
N_AGENTS: Final = "n_agents"
CONDITION_FACTS: Final = (*WORD_FACTS, TAGS, HUMAN, N_AGENTS)

MOST_VALUES: Final = 200
MOST_AGENTS: Final = 50

Conditions = Mapping[str, Any]
Facts = Mapping[str, Any]
Fault = tuple[str, str]


def hold(conditions: Conditions, facts: Facts) -> bool:
    """Whether a case with these facts meets all conditions. A fact not known is ""."""
    return all(_holds(name, wanted, facts) for name, wanted in conditions.items())


def _holds(name: str, wanted: Any, facts: Facts) -> bool:
    if name == HUMAN:
        return bool(facts.get(HUMAN, False)) is wanted
    if name == N_AGENTS:
        least, most = wanted.get("min", 0), wanted.get("max", MOST_AGENTS)
        return bool(least <= facts.get(N_AGENTS, 0) <= most)
    values, is_barred = split(wanted)
    if name == TAGS:
        return any(tag in values for tag in facts.get(TAGS, ())) is not is_barred
    return (facts.get(name, "") in values) is not is_barred


def split(wanted: Any) -> tuple[Sequence[str], bool]:
    """The values of a condition, and whether they are barred instead of asked for."""
    if isinstance(wanted, Mapping):
        return wanted.get("not", ()), True
    return wanted, False


def covers(outer: Conditions, inner: Conditions) -> bool:
    """Whether every case that meets `inner` is sure to meet `outer`, too."""
    return all(name in inner and _covers(wanted, inner[name]) for name, wanted in outer.items())


def _covers(outer: Any, inner: Any) -> bool:
    if isinstance(outer, bool) or isinstance(inner, bool):
        return bool(outer == inner)
    if isinstance(outer, Mapping) and "not" not in outer:
        return bool(
            outer.get("min", 0) <= inner.get("min", 0)
            and inner.get("max", MOST_AGENTS) <= outer.get("max", MOST_AGENTS)
        )
    (outer_values, outer_bars), (inner_values, inner_bars) = split(outer), split(inner)
    if inner_bars:
        return outer_bars and set(outer_values) <= set(inner_values)
    if outer_bars:
        return not set(outer_values) & set(inner_values)
    return set(inner_values) <= set(outer_values)


def faults(conditions: Conditions) -> list[Fault]:
    """(field, message) for everything that cannot be stored or can never hold."""
    found: list[Fault] = []
    for name, wanted in conditions.items():
        found += _faults(name, wanted)
    return found


def _faults(name: str, wanted: Any) -> list[Fault]:
    path = f"conditions.{name}" if _is_storable(name) else "conditions"
    if name not in CONDITION_FACTS:
        return [(path, f"is not known; conditions may name {', '.join(CONDITION_FACTS)}")]
    if name == HUMAN:
        return [] if isinstance(wanted, bool) else [(path, "must be true or false")]
    if name == N_AGENTS:
        return _number_faults(path, wanted)
    if isinstance(wanted, Mapping):
        if set(wanted) != {"not"} or not isinstance(wanted["not"], list):
            return [(path, 'must be a list of values, or {"not": [values]}')]
        wanted, path = wanted["not"], f"{path}.not"
    elif not isinstance(wanted, list):
        return [(path, 'must be a list of values, or {"not": [values]}')]
    if not 1 <= len(wanted) <= MOST_VALUES:
        return [(path, f"needs 1 to {MOST_VALUES} values")]
    return [
        (f"{path}[{index}]", "must have 1 to 200 characters")
        for index, value in enumerate(wanted)
        if not (0 < len(value) <= 200 and _is_storable(value))
    ]


def _number_faults(path: str, wanted: Any) -> list[Fault]:
    if not isinstance(wanted, Mapping) or not set(wanted) <= {"min", "max"} or not wanted:
        return [(path, 'must have "min", "max" or both')]
    found = [
        (f"{path}.{end}", f"must be a whole number from 0 to {MOST_AGENTS}")
        for end, value in wanted.items()
        if not (isinstance(value, int) and 0 <= value <= MOST_AGENTS)
    ]
    if not found and wanted.get("min", 0) > wanted.get("max", MOST_AGENTS):
        found.append((path, "can never hold: min is above max"))
    return found


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def in_words(conditions: Conditions, cause_names: Mapping[str, str] | None = None) -> str:
    """As in "phone or chat cases of product Fibre, unless severity is low"."""
    names = cause_names or {}
    asked: dict[str, str] = {}
    barred: list[str] = []
    for name in CONDITION_FACTS:
        if name not in conditions or name in (HUMAN, N_AGENTS):
            continue
        values, is_barred = split(conditions[name])
        listed = _or([names.get(v, v) if name == "cause" else v for v in values])
        if is_barred:
            verb = "is tagged" if name == TAGS else f"{name} is"
            barred.append(f"{'it ' if name == TAGS else ''}{verb} {listed}")
        else:
            asked[name] = listed
    words = f"{asked['channel']} cases" if "channel" in asked else "cases"
    words += "".join(f" {_JOINS[name]} {asked[name]}" for name in _JOINS if name in asked)
    words += _handled(conditions)
    if words == "cases":
        words = "every case"
    return f"{words}, unless {_or(barred, comma=True)}" if barred else words


_JOINS: Final = {
    "product": "of product",
    "team": "of team",
    "cause": "with cause",
    "severity": "with severity",
    TAGS: "tagged",
}


def _handled(conditions: Conditions) -> str:
    words = ""
    if HUMAN in conditions:
        words += " handled by a person" if conditions[HUMAN] else " handled by a machine alone"
    if N_AGENTS in conditions:
        wanted = conditions[N_AGENTS]
        least, most = wanted.get("min"), wanted.get("max")
        if least == most:
            count = f"exactly {least}"
        elif most is None:
            count = f"at least {least}"
        elif least is None:
            count = f"at most {most}"
        else:
            count = f"{least} to {most}"
        number = most if most is not None else least
        words += f" with {count} agent{'' if number == 1 else 's'}"
    return words


def _or(values: Sequence[str], *, comma: bool = False) -> str:
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])}{',' if comma else ''} or {values[-1]}"
