"""Every rule finds its fault, once, at its place; what is right is left alone."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.lint import RULES, coverage, lint
from surveys.questionnaire.lint.length import Length, longest
from surveys.questionnaire.lint.wording import stem_faults
from surveys.questionnaire.schema import Definition, DefinitionError

FIX, CAUSE, CLOSING = 0, 1, 2
LANGUAGES = default_definition().languages


def changed(change: Callable[[Any], object]) -> Definition:
    document: Any = to_builtins(default_definition())
    change(document)
    return from_builtins(document, draft=True)


def codes(change: Callable[[Any], object]) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in lint(changed(change))]


def everywhere(text: str) -> dict[str, str]:
    """The same words in all languages: only English is read for its wording."""
    return dict.fromkeys(LANGUAGES, text)


def labelled(*labels: str) -> list[dict[str, Any]]:
    return [{"value": n, "label": everywhere(label)} for n, label in enumerate(labels, 1)]


def own(**more: Any) -> dict[str, Any]:
    """An item of the designer's own, faultless as it stands."""
    item: dict[str, Any] = {
        "id": "X1",
        "dimension": "fix.outcome",
        "type": "yes_no",
        "stem": everywhere("Does it work now?"),
    }
    item |= more
    if item["type"] == "yes_no" and "options" not in item:
        item["options"] = labelled("Yes", "No")
    return item


def adding(*items: dict[str, Any], block: int = FIX) -> Callable[[Any], None]:
    """A change that puts items in the place of the optional ones of a page."""

    def change(d: Any) -> None:
        for item in items:
            d["blocks"][block]["items"].append(item)
        keep = {"F1", "F2", "S1", "C1", "C2"} | {item["id"] for item in items}
        for page in d["blocks"][:CLOSING]:
            page["items"] = [item for item in page["items"] if item["id"] in keep]

    return change


def saying(stem: str, **more: Any) -> Callable[[Any], None]:
    return adding(own(stem=everywhere(stem), **more))


def rating(*labels: str) -> Callable[[Any], None]:
    return adding(own(type="rating", options=labelled(*labels)))


def answered(item: str, *values: int) -> dict[str, Any]:
    return {"on": "answer", "item": item, "values": list(values)}


def fact(name: str, op: str, value: int) -> dict[str, Any]:
    return {"on": "fact", "fact": name, "op": op, "value": value}


def case(name: str, op: str, *values: str) -> dict[str, Any]:
    return {"on": "case", "fact": name, "op": op, "values": list(values)}


def set_in(*steps: Any) -> Callable[[Any], None]:
    """A change that walks to a place and sets it to the last step."""

    def change(d: Any) -> None:
        *way, last, value = steps
        for step in way:
            d = d[step]
        d[last] = value

    return change


def both(*changes: Callable[[Any], object]) -> Callable[[Any], None]:
    def change(d: Any) -> None:
        for one in changes:
            one(d)

    return change


def move(item: int, source: int, target: int) -> Callable[[Any], None]:
    def change(d: Any) -> None:
        d["blocks"][target]["items"].append(d["blocks"][source]["items"].pop(item))

    return change


def second_headline(d: Any) -> None:
    d["blocks"][FIX]["items"][1]["headline"] = True


def closing_headline(d: Any) -> None:
    d["blocks"][CLOSING]["items"][0]["headline"] = True


def no_headline(d: Any) -> None:
    del d["blocks"][CAUSE]["items"][0]["headline"]


def closing_first(d: Any) -> None:
    d["blocks"].insert(0, d["blocks"].pop())


def drop_block(number: int) -> Callable[[Any], None]:
    return lambda d: d["blocks"].pop(number)


def drop_text(d: Any) -> None:
    del d["blocks"][0]["items"][0]["options"][1]["label"]["ar"]


def optional_arabic(d: Any) -> None:
    d["required_languages"] = ["en", "de"]
    for name in ("lead_in", "thanks"):
        del d[name]["ar"]


def wrong_comment(d: Any) -> None:
    d["blocks"][FIX]["comment"]["id"] = "cause_comment"
    d["blocks"][CAUSE]["comment"] = None


X1 = "$.blocks[0].items[3]"
LENGTHENED = [own(id=f"X{n}", stem=everywhere(f"Does part {n} work?")) for n in range(1, 5)]
AT = "$.blocks[0].items"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # pages and headlines
        (drop_block(CAUSE), [("no_block", "$.blocks")]),
        (no_headline, [("headline", "$.blocks[1]")]),
        (second_headline, [("headline", f"{AT}[1].headline")]),
        (closing_headline, [("headline", "$.blocks[2].items[0].headline")]),
        (set_in("blocks", FIX, "dimension", "cause"), [("dimension", "$.blocks[0].dimension")]),
        (move(-1, CAUSE, FIX), [("mixed_page", f"{AT}[4].dimension")]),
        (move(-1, FIX, CLOSING), [("mixed_page", "$.blocks[2]")]),
        (move(0, CLOSING, FIX), [("closing_early", f"{AT}[4].dimension")]),
        (closing_first, [("closing_early", "$.blocks[0]")]),
        (set_in("lead_in", {}), [("lead_in", "$.lead_in")]),
        (set_in("lead_in", "en", " "), [("lead_in", "$.lead_in")]),
        (set_in("randomise", False), [("not_randomised", "$.randomise")]),
        (set_in("blocks", FIX, "items", []), [("unusable", AT)]),
        # what reports can store
        (lambda d: d["blocks"][0]["items"][3]["options"].pop(), [("not_storable", f"{AT}[3]")]),
        (lambda d: d["blocks"][0]["items"][0]["options"].pop(), [("not_storable", f"{AT}[0]")]),
        (wrong_comment, [("not_storable", "$.blocks[0].comment.id")]),
        (set_in("blocks", CAUSE, "items", 2, "id", "X9"), []),
        # words
        (
            saying("How do you feel about the fault and our help?"),
            [("both_named", f"{X1}.stem.en")],
        ),
        (saying("Only a 5 is a pass. Are you happy?"), [("pass_wording", f"{X1}.stem.en")]),
        (
            set_in("blocks", FIX, "items", 0, "hint", everywhere("Please give us a 5.")),
            [("pass_wording", f"{AT}[0].hint.en")],
        ),
        (saying("Was it quick and easy?"), [("double_barrelled", f"{X1}.stem.en")]),
        (saying("Was it superb?"), [("leading", f"{X1}.stem.en")]),
        (saying("Do you agree it works?"), [("agree_disagree", f"{X1}.stem.en")]),
        (saying("Does it not work?"), [("negation", f"{X1}.stem.en")]),
        (saying("Was the fitter on time?"), [("presupposition", f"{X1}.stem.en")]),
        (saying("Was the fitter on time?", skip_when=[fact("human_handled", "eq", 0)]), []),
        (saying("Do you often call?"), [("vague_frequency", f"{X1}.stem.en")]),
        (
            saying("Was the documentation comprehensible?"),
            [("hard_to_read", f"{X1}.stem.en")],
        ),
        (
            saying("Was the fitter nice?", stem_several=everywhere("Were the fitters nice?")),
            [("presupposition", f"{X1}.stem.en")],
        ),
        # scales
        (rating("1", "2", "3", "4", "5"), [("scale_unlabelled", f"{X1}.options")]),
        (rating("Bad", "Bad", "Neither", "Good", "Fine"), [("scale_repeated", f"{X1}.options")]),
        (
            rating("Very bad", "Neither", "Bad", "Good", "Very good"),
            [("scale_order", f"{X1}.options")],
        ),
        (
            rating("Bad", "Neither", "Good", "Very good", "Excellent"),
            [("scale_unbalanced", f"{X1}.options")],
        ),
        (
            rating("Very good", "Good", "Neither", "Bad", "Very bad"),
            [("scale_mixed", f"{X1}.options")],
        ),
        (
            rating(
                *("Extremely bad", "Very bad", "Bad", "Neither", "Good", "Very good"),
                "Extremely good",
            ),
            [("scale_mixed", f"{X1}.options")],
        ),
        (
            rating("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"),
            [("agree_disagree", f"{X1}.options")],
        ),
        (
            rating("Never", "Rarely", "Sometimes", "Often", "Always"),
            [("vague_frequency", f"{X1}.options")],
        ),
        (
            adding(own(options=labelled("Yes", "yes "))),
            [("scale_repeated", f"{X1}.options")],
        ),
        (
            adding(own(type="single", stem=everywhere("Which one?"), options=labelled("A"))),
            [("unusable", f"{X1}.options")],
        ),
        # recommendation
        (
            adding(
                own(
                    type="nps",
                    low_label=everywhere("Not at all likely"),
                    high_label=everywhere("Extremely likely"),
                )
            ),
            [("nps", f"{X1}.type")],
        ),
        (
            adding(own(type="nps", low_label=everywhere("Not at all likely"))),
            [("scale_unlabelled", f"{X1}.high_label"), ("nps", f"{X1}.type")],
        ),
        # skips
        (
            adding(own(skip_when=[answered("X2", 1)]), own(id="X2", skip_when=[answered("X1", 1)])),
            [("skip_circle", f"{X1}.skip_when")],
        ),
        (adding(own(skip_when=[answered("X1", 1)])), [("skip_circle", f"{X1}.skip_when")]),
        (
            adding(own(skip_when=[answered("X2", 1)]), own(id="X2")),
            [("unusable", f"{X1}.skip_when[0].item")],
        ),
        (
            adding(own(skip_when=[answered("S1", 1, 2), answered("S1", 3, 4)])),
            [("unreachable", f"{X1}.skip_when")],
        ),
        (adding(own(skip_when=[answered("S1", 1, 2), answered("S1", 3)])), []),
        (
            adding(own(skip_when=[fact("human_handled", "eq", 0), fact("human_handled", "gt", 0)])),
            [("unreachable", f"{X1}.skip_when")],
        ),
        (
            adding(own(skip_when=[fact("n_agents", "lt", 3), fact("n_agents", "gt", 2)])),
            [("unreachable", f"{X1}.skip_when")],
        ),
        (
            adding(
                own(skip_when=[case("channel", "in", "Phone"), case("channel", "not_in", "phone")])
            ),
            [("unreachable", f"{X1}.skip_when")],
        ),
        (
            adding(
                own(skip_when=[case("channel", "in", "chat"), case("channel", "not_in", "phone")])
            ),
            [],
        ),
        # length
        (lambda d: d["blocks"][FIX]["items"].append(own()), [("too_long", "$.blocks")]),
        (
            adding(own(type="long_text", stem=everywhere("What would help?"))),
            [("too_long", "$.blocks")],
        ),
        (
            set_in("blocks", CAUSE, "comment", "required", True),
            [("required_comment", "$.blocks[1].comment.required")],
        ),
        # languages
        (drop_text, [("missing_text", f"{AT}[0].options[1].label.ar")]),
        (optional_arabic, [("incomplete_language", f"$.languages[{LANGUAGES.index('ar')}]")]),
        (set_in("thanks", "en", ""), [("unusable", "$.thanks.en")]),
        (lambda d: d["thanks"].pop("en"), [("unusable", "$.thanks")]),
        (set_in("thanks", "en", "Hello {customer}"), [("unknown_placeholder", "$.thanks.en")]),
        (set_in("thanks", "en", "Hello {{company}}"), [("unknown_placeholder", "$.thanks.en")]),
        (set_in("thanks", "de", "{company.__class__}"), [("unknown_placeholder", "$.thanks.de")]),
        (set_in("thanks", "en", "Hello {company"), [("unknown_placeholder", "$.thanks.en")]),
        (set_in("thanks", "en", "{company} on {product} by {brand}"), []),
    ],
)
def test_lint_finds_each_fault_once_at_its_place(
    change: Callable[[Any], object], expected: list[tuple[str, str]]
) -> None:
    assert codes(change) == expected


def test_every_rule_has_a_case_here() -> None:
    cases = test_lint_finds_each_fault_once_at_its_place.pytestmark[0].args[1]
    tried = {code for _, expected in cases for code, _ in expected}
    # What these need, an earlier version or the taxonomy, is no part of a definition.
    assert tried | {"wording_changed", "id_reused", "causes_cut"} == set(RULES)


def test_default_questionnaire_has_no_finding() -> None:
    assert lint(default_definition()) == ()
    assert lint(default_definition(), default_definition()) == ()


def test_finding_carries_severity_and_reason_of_its_rule() -> None:
    for rule in RULES.values():
        assert rule.why.endswith((".", ')."', ").", "…"))
    (finding,) = lint(changed(saying("Was it superb?")))
    assert (finding.severity, finding.why) == ("warning", RULES["leading"].why)
    assert finding.message == '"superb" praises or blames.'


def test_message_names_the_circle() -> None:
    change = adding(
        own(skip_when=[answered("X3", 1)]),
        own(id="X2", skip_when=[answered("X1", 1)]),
        own(id="X3", skip_when=[answered("X2", 1)]),
    )
    (finding,) = (f for f in lint(changed(change)) if f.code == "skip_circle")
    assert finding.message == "These skip each other in a circle: X1 → X3 → X2 → X1."


def test_other_languages_are_checked_for_structure_only_and_it_says_so() -> None:
    german = own(stem=everywhere("Does it work?") | {"de": "Superb, amazing and not often?"})
    assert lint(changed(adding(german))) == ()
    said = coverage(default_definition())
    assert said.wording == ("en",)
    assert said.structure_only == LANGUAGES[1:]
    assert said.sentence == (
        "The wording rules know English only; these languages were checked for structure, not for "
        f"wording: {', '.join(LANGUAGES[1:])}."
    )


def test_repeated_label_is_found_in_any_language() -> None:
    def change(d: Any) -> None:
        labels = d["blocks"][FIX]["items"][0]["options"]
        labels[1]["label"]["de"] = labels[0]["label"]["de"]

    (finding,) = lint(changed(change))
    assert (finding.code, finding.path) == ("scale_repeated", f"{AT}[0].options")
    assert finding.message.startswith("In de: ")


def test_changed_wording_is_found_against_the_previous_version() -> None:
    def change(d: Any) -> None:
        d["blocks"][FIX]["items"][0]["stem"]["en"] = "How satisfied are you with our handling?"
        d["blocks"][FIX]["items"][1]["options"][0]["label"]["fr"] += " !"
        d["blocks"][CAUSE]["items"][0]["stem"]["de"] += " "

    findings = lint(changed(change), default_definition())
    assert [(f.code, f.path, f.message, f.severity) for f in findings] == [
        (
            "wording_changed",
            f"{AT}[0]",
            "F1 differs from the published version: the question (en).",
            "warning",
        ),
        (
            "wording_changed",
            f"{AT}[1]",
            "F2 differs from the published version: the answers (fr).",
            "warning",
        ),
    ]


def test_new_items_and_translations_change_no_wording() -> None:
    def fewer(d: Any) -> None:
        d["languages"] = [language for language in d["languages"] if language != "ar"]
        d["blocks"][CAUSE]["items"].pop()

    without = changed(fewer)
    assert [f.code for f in lint(default_definition(), without)] == []


def test_findings_come_in_reading_order() -> None:
    found = lint(changed(adding(*(copy.deepcopy(item) for item in LENGTHENED), block=FIX)))
    assert [f.code for f in found] == ["too_long"]
    change = both(
        set_in("lead_in", "en", "Hello {you}"),
        set_in("blocks", CLOSING, "items", 0, "stem", "en", "Hello {you}"),
        set_in("thanks", "en", "Bye {you}"),
    )
    assert [path for _, path in codes(change)] == [
        "$.lead_in.en",
        "$.blocks[2].items[0].stem.en",
        "$.thanks.en",
    ]


def test_longest_way_counts_alternatives_once() -> None:
    assert longest(default_definition()) == Length(items=9, seconds=90)
    either = adding(
        own(),
        own(id="X2", type="long_text", skip_when=[answered("X1", 1)], stem=everywhere("Why?")),
        own(id="X3", skip_when=[answered("X1", 2)]),
    )
    # F1 F2 S1 X1, X2 or X3, C1 C2, O1, C4 or O2
    assert longest(changed(either)) == Length(items=9, seconds=8 * 10 + 45)
    by_channel = adding(
        own(skip_when=[case("channel", "in", "phone")]),
        own(id="X2", skip_when=[case("channel", "not_in", "phone")]),
    )
    assert longest(changed(by_channel)) == Length(items=8, seconds=80)


def test_many_rules_are_counted_without_trying_every_way() -> None:
    items = [own(id=f"X{n}") for n in range(8)]
    items += [own(id=f"Y{n}", skip_when=[answered(f"X{m}", 1) for m in range(8)]) for n in range(8)]
    change = adding(*items)
    definition = changed(
        both(change, set_in("blocks", FIX, "items", 0, "stem", everywhere("How was it?")))
    )
    assert longest(definition).items == 16 + 7


def test_lint_of_an_empty_draft_says_what_is_missing() -> None:
    empty = changed(lambda d: d.update(blocks=[], lead_in={}, thanks={}, languages=["en"]))
    assert [(f.code, f.path) for f in lint(empty)] == [
        ("lead_in", "$.lead_in"),
        ("unusable", "$.blocks"),
        ("unusable", "$.thanks"),
    ]


PARTS = (
    *("the", "our", "your", "and", "or", "problem", "fault", "handled", "we", "agent", "how"),
    *(
        "satisfied",
        "with",
        "5",
        "please",
        "not",
        "often",
        "agree",
        ",",
        "?",
        "between",
        "from",
        "to",
    ),
    *("if", "when", "great", "letter", "{company}", "{", "}", "[", "'", "’", "é", "م"),
)
WORDS = st.lists(
    st.sampled_from(
        [
            "the",
            "our",
            "your",
            "and",
            "or",
            "problem",
            "fault",
            "handled",
            "we",
            "agent",
            "how",
            "satisfied",
            "with",
            "5",
            "please",
            "not",
            "often",
            "agree",
            ",",
            "?",
            "between",
            "from",
            "to",
            "if",
            "when",
            "great",
            "letter",
            "{company}",
            "{",
            "}",
            "[",
            "'",
            "’",
            "é",
            "م",
        ]
    )
    | st.text(max_size=8),
    max_size=40,
).map(lambda parts: " ".join(parts)[:500])
RULES_OF_DRAFTS = st.one_of(
    st.builds(answered, st.sampled_from(["F1", "S1", "X1", "X2", "Z9"]), st.integers(1, 5)),
    st.builds(
        fact, st.sampled_from(["human_handled", "n_agents"]), st.just("lt"), st.integers(0, 3)
    ),
    st.builds(case, st.sampled_from(["channel", "product"]), st.just("in"), st.just("phone")),
)


@given(
    stem=WORDS,
    labels=st.lists(WORDS.map(lambda words: words[:80]), max_size=8),
    type_=st.sampled_from(["rating", "multiple", "nps", "long_text", "date"]),
    rules=st.lists(RULES_OF_DRAFTS, max_size=4),
)
def test_lint_takes_any_draft(
    stem: str, labels: list[str], type_: str, rules: list[dict[str, Any]]
) -> None:
    draft = own(type=type_, stem={"en": stem}, options=labelled(*labels), skip_when=rules)
    try:
        definition = changed(adding(draft))
    except DefinitionError:
        return  # harmful characters never get into a draft
    found = lint(definition)
    assert len(found) == len(set(found))
    assert {finding.code for finding in found} <= set(RULES)


@pytest.mark.parametrize("word", ["or", "and", "a,"])
def test_a_stem_of_joining_words_alone_does_not_take_the_lint_long(word: str) -> None:
    stem = f"{word} " * (498 // (len(word) + 1)) + "x?"
    begun = time.process_time()
    for _ in range(20):
        list(stem_faults(stem, "rating"))
    assert time.process_time() - begun < 0.4
