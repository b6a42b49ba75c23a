"""The middle pane: what the editor shows of the place that is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from surveys.builder.editor.fields import Choice, Field, Maker
from surveys.builder.editor.findings import Shown, of_desk
from surveys.builder.editor.outline import BLOCK_NAMES, step
from surveys.builder.editor.rules import answers_before, rule_words
from surveys.questionnaire import operations as ops
from surveys.questionnaire.editing import fingerprint
from surveys.questionnaire.editing_items import HEADLINES, n_points, refuse_page
from surveys.questionnaire.new_items import TYPE_NAMES
from surveys.questionnaire.places import (
    BLOCK_IDS,
    Document,
    EditError,
    block_named,
    is_item,
    item_at,
    items_of,
)
from surveys.questionnaire.schema import CHOICE_TYPES, RATING_POINTS, STANDARD_ITEMS
from surveys.questionnaire.texts import catalogue
from surveys.questionnaire.texts import languages as shipped_languages

PLACES = frozenset({"start", "thanks", "settings"})


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One answer of a question. `remove`, `up` and `down` are what its buttons post."""

    value: int
    label: Field
    flag: Field | None
    remove: str = ""
    up: str = ""
    down: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One skip rule in words."""

    words: str
    remove: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What the editor shows. `fields` are posted with the form; the rest are its buttons."""

    place: str
    kind: str
    block: str
    title: str
    fields: tuple[Field, ...] = ()
    more: tuple[Field, ...] = ()
    findings: tuple[Shown, ...] = ()
    type_name: str = ""
    is_standard: bool = False
    is_headline: bool = False
    options: tuple[OptionRow, ...] = ()
    may_add_option: bool = False
    rules: tuple[RuleRow, ...] = ()
    answers: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    types: tuple[Choice, ...] = ()
    type: str = ""
    buttons: tuple[Choice, ...] = ()
    points: tuple[Choice, ...] = ()
    up: str = ""
    down: str = ""
    delete: str = ""
    duplicate: str = ""
    moves: tuple[Choice, ...] = ()

    @property
    def all_fields(self) -> tuple[Field, ...]:
        rows = [f for row in self.options for f in (row.label, row.flag) if f is not None]
        return (*self.fields, *rows, *self.more)


def place_in(document: Document, wanted: str) -> str:
    """The place that was asked for, or the first question where it is not there."""
    here = {item["id"] for item in items_of(document)} | {b["id"] for b in document["blocks"]}
    if wanted in PLACES or wanted in here:
        return wanted
    items = items_of(document)
    return items[0]["id"] if items else "start"


def panel_of(place: str, maker: Maker) -> Panel:
    """The panel of a place that is there."""
    own = of_desk(maker.findings, place)
    if is_item(place):
        return _item_panel(place, maker, own)
    if place in BLOCK_IDS:
        return _block_panel(place, maker, own)
    if place == "thanks":
        fields: tuple[Field, ...] = (
            maker.text("thanks", "What customers read when they are done"),
        )
        return _panel(place, "text", "", "Thank-you text", own, fields=fields)
    if place == "settings":
        return _settings_panel(maker, own)
    fields = (
        maker.text(
            "lead_in",
            "What customers read first",
            help="Say that two separate things are asked: how it was handled, and that it "
            "happened at all. Shown above the first page, whichever comes first.",
        ),
        maker.field(
            "randomise",
            "Half of the customers meet the cause first",
            help="Whichever side is asked first colours the other a little. Taking turns keeps "
            "that out of the comparison.",
        ),
    )
    return _panel(place, "text", "", "Lead-in", own, fields=fields)


def _panel(
    place: str, kind: str, block: str, title: str, own: Iterable[Shown], **parts: Any
) -> Panel:
    """A panel whose findings are those that stand beside none of its fields."""
    panel = Panel(place, kind, block, title, **parts)
    beside = {field.place for field in panel.all_fields}
    rest = tuple(finding for finding in own if finding.place not in beside)
    return Panel(place, kind, block, title, findings=rest, **parts)


def _item_panel(item_id: str, maker: Maker, own: list[Shown]) -> Panel:
    block, index = item_at(maker.document, item_id)
    item = block["items"][index]
    is_standard = item_id in STANDARD_ITEMS
    types = () if is_standard else tuple(TYPE_NAMES.items())
    return _panel(
        item_id,
        "item",
        block["id"],
        item_id,
        own,
        fields=_wording(item, maker),
        more=_behaviour(item, maker),
        type_name=TYPE_NAMES[item["type"]],
        type=item["type"],
        types=types,
        is_standard=is_standard,
        is_headline=item_id in HEADLINES,
        options=_options(item, maker, is_standard=is_standard),
        may_add_option=not is_standard and item["type"] in CHOICE_TYPES - {"yes_no"},
        points=() if is_standard else _points(item),
        rules=tuple(
            RuleRow(
                rule_words(rule, maker),
                ops.encode_operation(ops.RemoveRule(item=item_id, was=fingerprint(rule))),
            )
            for rule in item.get("skip_when", [])
        ),
        answers=answers_before(block, index, maker),
        up=step(block, index, -1),
        down=step(block, index, 1),
        duplicate=ops.encode_operation(ops.DuplicateItem(item=item_id)),
        delete=ops.encode_operation(ops.DeleteItem(item=item_id, was=fingerprint(item))),
        moves=_moves(item, block, maker.document),
    )


def _wording(item: Document, maker: Maker) -> tuple[Field, ...]:
    name = item["id"]
    fields = [
        maker.text(f"{name}.stem", "Question", placeholder="Ask one thing, in plain words"),
        maker.text(
            f"{name}.hint",
            "Hint below it",
            kind="line",
            help="Optional. Only where customers would otherwise wonder what is meant.",
        ),
    ]
    if item["type"] == "nps":
        fields += [
            maker.text(f"{name}.low_label", "Label of 0", kind="line"),
            maker.text(f"{name}.high_label", "Label of 10", kind="line"),
        ]
    if item["type"] == "number":
        fields += [
            maker.field(f"{name}.low", "Lowest number", kind="number"),
            maker.field(f"{name}.high", "Highest number", kind="number"),
        ]
    return tuple(fields)


def _behaviour(item: Document, maker: Maker) -> tuple[Field, ...]:
    name = item["id"]
    return (
        maker.field(
            f"{name}.required",
            "Required",
            help="Customers cannot go on without an answer. Some will leave instead.",
        ),
        maker.field(
            f"{name}.agent_visible",
            "Agents see the answers to their own cases",
        ),
        maker.text(
            f"{name}.stem_several",
            "Question where several people handled the case",
            kind="line",
            help="Optional, such as “… by the people who helped you?”",
        ),
        maker.field(
            f"{name}.rotation",
            "Rotation group",
            kind="line",
            help="Questions of one group take turns: each customer is asked one of them, drawn by "
            "lot. Small letters, such as “closing”.",
        ),
    )


def _options(item: Document, maker: Maker, *, is_standard: bool) -> tuple[OptionRow, ...]:
    name, rows = item["id"], []
    options = item.get("options", [])
    flags = {
        "multiple": ("exclusive", "Rules out all other answers, as “None of these”"),
        "rating": ("outside_scale", "Not on the scale, as “Doesn’t apply”: counts in no average"),
    }
    flag = None if is_standard else flags.get(item["type"])
    for option in options:
        value, was = option["value"], fingerprint(option)
        at = f"{name}.options.{value}"

        def move(to: int, value: int = value, was: str = was) -> str:
            if is_standard or not 1 <= to <= len(options):
                return ""
            return ops.encode_operation(ops.MoveOption(item=name, value=value, to=to, was=was))

        rows.append(
            OptionRow(
                value,
                maker.text(f"{at}.label", f"Option {value}", kind="line"),
                maker.field(f"{at}.{flag[0]}", flag[1]) if flag else None,
                remove=""
                if is_standard or item["type"] == "yes_no"
                else ops.encode_operation(ops.RemoveOption(item=name, value=value, was=was)),
                up=move(value - 1),
                down=move(value + 1),
            )
        )
    return tuple(rows)


def _points(item: Document) -> tuple[Choice, ...]:
    """The other lengths that a scale may have, with what the button posts."""
    if item["type"] != "rating":
        return ()
    now = n_points(item)
    return tuple(
        (ops.encode_operation(ops.SetPoints(item=item["id"], points=points, was=now)), str(points))
        for points in RATING_POINTS
        if points != now
    )


def _moves(item: Document, block: Document, document: Document) -> tuple[Choice, ...]:
    """The other pages that the question may stand on, with what the button posts."""
    found = []
    for other in document["blocks"]:
        if other["id"] == block["id"]:
            continue
        try:
            refuse_page(item, other["id"])
        except EditError:
            continue
        last = other["items"][-1]["id"] if other["items"] else None
        was = tuple(each["id"] for each in block["items"])
        operation = ops.MoveItem(item=item["id"], block=other["id"], after=last, was=was)
        found.append((ops.encode_operation(operation), BLOCK_NAMES[other["id"]]))
    return tuple(found)


def _block_panel(block_id: str, maker: Maker, own: list[Shown]) -> Panel:
    block: Any = block_named(maker.document, block_id)
    fields: tuple[Field, ...] = ()
    buttons: list[Choice] = []
    has_comment = "comment" in block
    if has_comment:
        fields = (
            maker.text(f"{block_id}.comment.label", "What the comment field asks"),
            maker.field(
                f"{block_id}.comment.required",
                "Required",
                help="Who must write something writes anything.",
            ),
        )
    if block_id != "closing":
        operation = ops.SetComment(block=block["id"], on=not has_comment, was=has_comment)
        words = "Remove the comment field" if has_comment else "Add a comment field"
        buttons.append((ops.encode_operation(operation), words))
    remove = ops.RemoveBlock(block=block["id"], was=fingerprint(block))
    return _panel(
        block_id,
        "block",
        block_id,
        f"Page: {BLOCK_NAMES[block_id]}",
        own,
        fields=fields,
        buttons=tuple(buttons),
        delete=ops.encode_operation(remove),
    )


def _settings_panel(maker: Maker, own: list[Shown]) -> Panel:
    document = maker.document
    languages = tuple((code, language_name(code)) for code in document["languages"])
    pages: Any = ("fix", "cause", "closing")
    here = {block["id"] for block in document["blocks"]}
    buttons = [
        (
            ops.encode_operation(ops.RemoveLanguage(language=code)),
            f"Remove {name}",
        )
        for code, name in languages
        if code != document["default_language"]
    ]
    pages_to_add = [
        (ops.encode_operation(ops.AddBlock(block=page)), f"Add the page “{BLOCK_NAMES[page]}”")
        for page in pages
        if page not in here
    ]
    others = [
        (code, language_name(code)) for code in shipped_languages() if code not in dict(languages)
    ]
    return _panel(
        "settings",
        "settings",
        "",
        "Languages and pages",
        own,
        fields=(
            maker.field(
                "default_language",
                "Default language",
                kind="select",
                choices=languages,
                help="What customers read whose own language is not offered.",
            ),
            maker.field(
                "required_languages",
                "Must be complete to publish",
                kind="checks",
                choices=languages,
                help="None ticked means all. An incomplete other language is not offered.",
            ),
        ),
        buttons=tuple(buttons),
        moves=tuple(pages_to_add),
        types=tuple(others),
    )


def language_name(code: str) -> str:
    """A language in its own words; its code where we have none."""
    if code in shipped_languages() or code.partition("-")[0] in shipped_languages():
        return f"{catalogue(code)['language']['name']} ({code})"
    return code
