"""Any sequence of changes: every document on the way can be read, and no change reaches back."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.questionnaire import operations as ops
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.editing import EditError, fingerprint, perform, value_at
from surveys.questionnaire.schema import AnswerRule, FactRule

START = to_builtins(default_definition())
ITEMS = st.sampled_from(["F1", "F2", "F3", "S1", "C1", "C4", "O1", "O2", "X1", "X2", "X3"])
BLOCKS = st.sampled_from(["fix", "cause", "closing"])
LANGUAGES = st.sampled_from(["en", "de", "ar", "tlh"])
TYPES = st.sampled_from(["rating", "yes_no", "single", "multiple", "number", "nps", "date"])
TEXTS = st.one_of(st.text(max_size=40), st.sampled_from(["", "{company}?", "\u202e", "x" * 501]))
PLACES = st.one_of(
    st.sampled_from(["lead_in", "thanks", "fix.comment.label", "nothing", "F1.id"]),
    st.builds("{}.{}".format, ITEMS, st.sampled_from(["stem", "hint", "options.1.label"])),
)
#: "?" stands for what is there when the change is made.
OPERATIONS = st.one_of(
    st.builds(ops.SetText, at=PLACES, language=LANGUAGES, text=TEXTS, was=st.just("?")),
    st.builds(ops.AddItem, block=BLOCKS, kind=TYPES, after=st.none() | ITEMS),
    st.builds(ops.DuplicateItem, item=ITEMS),
    st.builds(ops.DeleteItem, item=ITEMS),
    st.builds(ops.MoveItem, item=ITEMS, block=BLOCKS, after=st.none() | ITEMS),
    st.builds(ops.ChangeType, item=ITEMS, type=TYPES, was=TYPES),
    st.builds(ops.AddOption, item=ITEMS),
    st.builds(
        ops.SetPoints, item=ITEMS, points=st.sampled_from([5, 7, 11]), was=st.sampled_from([5, 7])
    ),
    st.builds(ops.RemoveOption, item=ITEMS, value=st.integers(0, 6), was=st.just("?")),
    st.builds(
        ops.MoveOption,
        item=ITEMS,
        value=st.integers(0, 6),
        to=st.integers(0, 7),
        was=st.just("?"),
    ),
    st.builds(ops.SetComment, block=BLOCKS, on=st.booleans(), was=st.booleans()),
    st.builds(
        ops.AddRule,
        item=ITEMS,
        rule=st.one_of(
            st.builds(AnswerRule, item=ITEMS, values=st.tuples(st.integers(1, 6))),
            st.builds(FactRule, fact=st.just("n_agents"), op=st.just("gt"), value=st.just(1)),
        ),
    ),
    st.builds(
        ops.SetField,
        at=st.builds("{}.{}".format, ITEMS, st.sampled_from(["required", "rotation", "low"])),
        value=st.sampled_from([True, False, None, "pair", 3]),
        was=st.sampled_from([True, False, None, "pair"]),
    ),
    st.builds(ops.AddLanguage, language=LANGUAGES),
    st.builds(ops.RemoveLanguage, language=LANGUAGES),
    st.builds(ops.AddBlock, block=BLOCKS),
    st.builds(ops.RemoveBlock, block=BLOCKS, was=st.just("?")),
)


def seen(document: dict[str, Any], operation: ops.Operation) -> ops.Operation:
    """The operation of somebody who looked just now."""
    if isinstance(operation, ops.SetText):
        texts = value_at(document, operation.at)
        was = texts.get(operation.language, "") if isinstance(texts, dict) else ""
        return ops.SetText(
            at=operation.at, language=operation.language, text=operation.text, was=str(was)
        )
    if isinstance(operation, ops.RemoveBlock):
        was = fingerprint(value_at(document, operation.block))
        return ops.RemoveBlock(block=operation.block, was=was)
    if isinstance(operation, ops.RemoveOption | ops.MoveOption):
        was = fingerprint(value_at(document, f"{operation.item}.options.{operation.value}"))
        changes: dict[str, Any] = {**_fields(operation), "was": was}
        return type(operation)(**changes)
    return operation


def _fields(operation: ops.Operation) -> dict[str, Any]:
    return {name: getattr(operation, name) for name in operation.__struct_fields__}


@settings(max_examples=150, deadline=None)
@given(st.lists(OPERATIONS, max_size=25))
def test_every_document_on_the_way_can_be_read_and_none_is_touched_again(
    operations: list[ops.Operation],
) -> None:
    document = START
    history = [(document, copy.deepcopy(document))]
    for operation in operations:
        try:
            edited = perform(document, seen(document, operation))
        except EditError:
            continue
        assert to_builtins(from_builtins(edited.document, draft=True)) == edited.document
        assert edited.summary
        document = edited.document
        history.append((document, copy.deepcopy(document)))
    assert all(kept == copied for kept, copied in history)


@settings(max_examples=150, deadline=None)
@given(st.lists(OPERATIONS, max_size=12))
def test_an_operation_survives_the_way_through_a_button(operations: list[ops.Operation]) -> None:
    for operation in operations:
        if not (isinstance(operation, ops.SetText) and not operation.text.isprintable()):
            assert ops.decode_operation(ops.encode_operation(operation)) == operation
