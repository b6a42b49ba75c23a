"""A questionnaire of the designer's own: every type of question, asked, answered, shown again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.conf import settings as configured
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.models import Brand, Cause, Invitation, Response, ResponseRevision
from surveys.questionnaire.asking import Facts
from surveys.questionnaire.parsing import parse_answers
from surveys.respondent.base import LIMITER
from surveys.respondent.pages import preview_page
from surveys.services import answering
from surveys.services.tokens import token_of
from tests.factories import NOW, CauseFactory, InvitationFactory, ProductFactory
from tests.surveys.every_type import every_type, published, texts
from tests.surveys.respondent.helpers import form, link, words

pytestmark = pytest.mark.django_db

POSTED: dict[str, dict[str, Any]] = {
    "fix": {
        "F1": "4", "F2": "5", "F3": ["1", "2"], "S1": "1", "X1": "3", "X2": "7", "X3": "11",
        "X4": "2", "X5": "4", "X6": ["1", "3"], "X7": "<b>short</b> \"text\"", "fix_comment": "a",
    },
    "cause": {
        "C1": "2", "C2": "3", "C3": "1", "X8": "long\ntext & more", "X9": "-5",
        "X10": "2026-11-21", "X11": "net/outage", "cause_comment": "b",
    },
    "closing": {"O1": "5", "X12": "0"},
}  # fmt: skip
OWN: dict[str, Any] = {
    "X1": 3, "X2": 7, "X3": 11, "X4": 2, "X5": 4, "X6": [1, 3], "X7": "<b>short</b> \"text\"",
    "X8": "long\ntext & more", "X9": -5, "X10": "2026-11-21", "X11": "net/outage", "X12": 0,
}  # fmt: skip


@pytest.fixture
def causes() -> None:
    CauseFactory(code="net/outage", name="Outage")
    CauseFactory(code="bill & co", name="Wrong bill")


def invite(required: tuple[str, ...] = (), **fields: Any) -> Invitation:
    invitation: Invitation = InvitationFactory(
        version=published(every_type(required)), rotation="", **fields
    )
    return invitation


def found(invitation: Invitation) -> answering.Asked:
    asked = answering.find(token_of(invitation.nonce), NOW)
    assert asked is not None
    return asked


@pytest.mark.usefixtures("causes")
def test_every_type_is_stored_and_shown_again(browser: Client) -> None:
    invitation = invite()
    url = link(invitation)
    for number, (page, posted) in enumerate(POSTED.items(), start=1):
        shown = form(browser.get(f"{url}?page={number}"))
        assert set(posted) <= set(shown.controls)
        response = browser.post(url, {**posted, "page": page})
        assert response.status_code == 303

    assert Response.objects.get().extra == OWN
    assert Response.objects.get().completed_at == NOW
    for number, posted in enumerate(POSTED.values(), start=1):
        again = form(browser.get(f"{url}?page={number}"))
        given = {
            name: value if isinstance(value, list) else [value] for name, value in posted.items()
        }
        assert {name: again.fields[name] for name in posted} == given


@pytest.mark.usefixtures("causes")
def test_sending_the_shown_page_again_changes_nothing(browser: Client) -> None:
    url = link(invite())
    for page, posted in POSTED.items():
        browser.post(url, {**posted, "page": page})
    for number in (1, 2, 3):
        browser.post(url, form(browser.get(f"{url}?page={number}")).fields)
    assert Response.objects.get().extra == OWN
    assert ResponseRevision.objects.count() == 3


def test_what_was_typed_can_be_taken_back(browser: Client) -> None:
    url = link(invite())
    browser.post(url, {"page": "cause", "X8": "long", "X9": "7", "X10": "2026-01-02"})
    browser.post(url, {"page": "cause", "X8": "", "X9": " ", "X10": ""})
    assert Response.objects.get().extra == {}


@pytest.mark.usefixtures("causes")
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("X3", "12", "Choose one of the answers shown"),
        ("X6", ["1", "4"], "Choose either “Answer 4” or the other answers, not both"),
        ("X7", "x" * 201, "Your answer is too long. Maximum number of characters: 200"),
        ("X8", "x" * 4001, "Your answer is too long. Maximum number of characters: 4000"),
        ("X9", "lots", "Enter a whole number in digits, such as 12"),
        ("X9", "501", "Enter a whole number from -5 to 500"),
        ("X10", "3/4/26", "Enter a date with year, month and day, such as 2026-01-31"),
        ("X11", "gone", "Choose one of the answers shown"),
        ("X12", "11", "Choose one of the answers shown"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_is_stored(
    browser: Client, field: str, value: Any, said: str
) -> None:
    page = next(name for name, posted in POSTED.items() if field in posted)
    response = browser.post(link(invite()), {**POSTED[page], field: value, "page": page})
    html = response.content.decode()
    assert response.status_code == 422
    assert words(response).count(said) == 2
    assert f'id="{field}-wrong"' in html
    first = {"X3": "X3-1", "X6": "X6-1", "X11": "X11-1", "X12": "X12-0"}.get(field, field)
    assert f'href="#{first}"' in html
    assert f'id="{first}"' in html
    if field not in first and isinstance(value, str):
        assert form(response).fields[field] == [value]
    assert Response.objects.count() == 0


REQUIRED = ("F1", "X4", "X7", "fix_comment")


def test_required_holds_up_only_who_goes_on(browser: Client) -> None:
    url = link(invite(REQUIRED))
    response = browser.post(url, {"page": "fix", "F2": "5", "X7": " "})
    assert response.status_code == 422
    assert words(response).count("Please answer this question") == 2 * len(REQUIRED)
    assert form(response).fields["F2"] == ["5"]
    assert found(Invitation.objects.get()).answers == {"F2": 5}

    for way in ({"go": "back"}, {"lang": "ar"}):
        assert browser.post(url, {"page": "fix", **way}).status_code == 303
    assert browser.post(url, {"X1": "2"}).status_code == 303
    assert browser.post(url, {"page": "cause", "C1": "2"}).status_code == 303
    assert browser.get(f"{url}?page=3").status_code == 200


def test_required_never_takes_an_answer_back(browser: Client) -> None:
    url = link(invite(("X7",)))
    browser.post(url, {"page": "fix", "X7": "typed"})
    response = browser.post(url, {"page": "fix", "X7": "", "F1": "2"})
    assert response.status_code == 422
    assert found(Invitation.objects.get()).answers == {"X7": "typed", "F1": 2}


def test_last_page_with_something_missing_does_not_complete(browser: Client) -> None:
    url = link(invite(("X12",)))
    assert browser.post(url, {"page": "closing", "O1": "2"}).status_code == 422
    assert Response.objects.get().completed_at is None
    assert browser.post(url, {"page": "closing", "X12": "0"}).status_code == 303
    assert Response.objects.get().completed_at == NOW


def test_default_questionnaire_requires_nothing(browser: Client) -> None:
    url = link(InvitationFactory())
    for page in ("fix", "cause", "closing"):
        assert browser.post(url, {"page": page}).status_code == 303


@pytest.mark.parametrize(
    ("asks", "pages", "kept"),
    [
        ("fix", ["fix", "closing"], {"F1": 4, "O1": 2}),
        ("cause", ["cause", "closing"], {"C1": 4, "O1": 2}),
    ],
)
def test_the_block_not_asked_is_left_out(
    browser: Client, asks: str, pages: list[str], kept: dict[str, int]
) -> None:
    invitation = InvitationFactory(asks=asks, arm="fix_first")
    url = link(invitation)
    shown = [form(browser.get(f"{url}?page={n}")).fields["page"] for n in (1, 2)]
    assert shown == [[page] for page in pages]
    assert "two separate things" not in words(browser.get(url))
    browser.post(url, {"F1": "4", "C1": "4", "O1": "2", "fix_comment": ""})
    assert found(invitation).answers == kept
    assert found(invitation).completed


@pytest.mark.parametrize(("n", "control"), [(0, None), (3, "radio"), (40, "select")])
def test_a_cause_picker_fits_the_taxonomy(browser: Client, n: int, control: str | None) -> None:
    url = f"{link(invite())}?page=2"
    Cause.objects.update(mapped_at=None)
    for number in range(n):
        CauseFactory(code=f"c.{number}", name=f"{'Zb'[number % 2]}ad thing {number}")
    html = browser.get(url).content.decode()
    assert ('name="X11"' in html) is (control is not None)
    assert html.count('value="c.') == n
    assert ("<select" in html) is (control == "select")
    assert ("Question 18 of 20" in html) is (control is not None)
    if n:
        assert html.index("bad thing 1<") < html.index("Zad thing 0<")


@pytest.mark.usefixtures("causes")
def test_a_change_of_the_taxonomy_shows_at_once_and_costs_no_answer(browser: Client) -> None:
    url = link(invite())
    browser.post(url, {"page": "cause", "X11": "bill & co"})
    CauseFactory(code="new", name="Brand new")
    Cause.objects.filter(code="bill & co").update(name="Billing", mapped_at=None)
    page = browser.get(f"{url}?page=2")
    assert "Brand new" in words(page)
    assert form(page).fields["X11"] == ["bill & co"]
    assert browser.post(url, form(page).fields).status_code == 303
    assert Response.objects.get().extra == {"X11": "bill & co"}


def test_sample_causes_are_offered_only_without_others(browser: Client) -> None:
    url = f"{link(invite())}?page=2"
    Cause.objects.update(is_sample=True, name="From the sample")
    assert "From the sample" in words(browser.get(url))
    CauseFactory(name="Our own")
    assert "From the sample" not in words(browser.get(url))
    assert "Our own" in words(browser.get(url))


def test_placeholders_are_filled_and_escaped(browser: Client) -> None:
    definition = every_type()
    first = definition.blocks[0]
    named = msgspec.structs.replace(
        first.items[0], stem=texts("{product} by {brand} of {company}?")
    )
    block = msgspec.structs.replace(first, items=(named, *first.items[1:]))
    definition = msgspec.structs.replace(definition, blocks=(block, *definition.blocks[1:]))
    version = published(definition)
    bare = InvitationFactory(version=version, rotation="", resolution__product=None)
    full = InvitationFactory(
        version=version, rotation="", resolution__product=ProductFactory(name="<i>{brand}</i>")
    )
    full.policy.brand = Brand.objects.create(slug="b", name='B & "C"')
    company = configured.COMPANY_NAME
    assert f"{company} by {company} of {company}?" in words(browser.get(link(bare)))
    full.policy.save(update_fields=["brand"])
    html = browser.get(link(full)).content.decode()
    assert f"&lt;i&gt;{{brand}}&lt;/i&gt; by B &amp; &quot;C&quot; of {company}?" in html


def test_the_language_switch_keeps_every_type(browser: Client) -> None:
    CauseFactory(code="net/outage")
    url = link(invite(language="ar"))
    assert 'dir="rtl"' in browser.get(url).content.decode()
    for number, (page, posted) in enumerate(POSTED.items(), start=1):
        switched = browser.post(url, {**posted, "page": page, "lang": "en"})
        assert switched["Location"] == f"{url}?page={number}&lang=en"
        assert "Question" in words(browser.get(switched["Location"]))
    assert Response.objects.get().extra == OWN


def test_the_browsers_language_counts_where_the_customers_is_unknown(browser: Client) -> None:
    url = link(invite(language="xx"))
    page = browser.get(url, headers={"accept-language": "ar-EG,en;q=0.5"})
    assert 'dir="rtl"' in page.content.decode()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_page_of_twenty_questions_stays_small(browser: Client, language: str) -> None:
    for number in range(40):
        CauseFactory(code=f"cause.{number}", name=f"Quite a long name of a cause {number}")
    url = link(invite(language=language))
    sizes = [len(browser.get(f"{url}?page={number}").content) for number in (1, 2, 3)]
    assert sum(sizes) < 30 * 1024


def test_preview_is_the_respondents_own_page(browser: Client) -> None:
    CauseFactory(code="net/outage")
    url = link(invite())
    for number in (1, 2, 3):
        preview = preview_page(
            every_type(),
            arm="fix_first",
            rotation="",
            facts=Facts(human_handled=True, n_agents=1),
            language="en",
            number=number,
            answers={},
            base_url="?",
        )
        assert preview == browser.get(f"{url}?page={number}").content.decode()


VALUES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),  # NUL: 400
    st.integers(-9, 600).map(str),
    st.lists(st.integers(0, 5).map(str), max_size=3),
    st.dates().map(str),
    st.sampled_from(["", "net/outage", "x" * 5000]),
)
NAMES = [item.id for item in every_type().items]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from([*NAMES, "fix_comment", "other"]), VALUES, max_size=9),
            st.sampled_from([{}, {"go": "back"}, {"lang": "ar"}, {"lang": "\ud7ff"}]),
            st.sampled_from(["fix", "cause", "closing", "", "none"]),
        ),
        max_size=4,
    )
)
def test_whatever_is_posted_what_is_acknowledged_is_stored(
    browser: Client, posts: list[tuple[dict[str, Any], dict[str, str], str]]
) -> None:
    """Invariant 8 through the page: an acknowledged post is shown again as it was sent."""
    Cause.objects.get_or_create(code="net/outage", defaults={"name": "Outage", "mapped_at": NOW})
    earlier = Invitation.objects.first()
    version = earlier.version if earlier else published(every_type(("X4",)))
    invitation = InvitationFactory(version=version, rotation="")
    url = link(invitation)
    LIMITER.clear()
    for fields, way, page in posts:
        before = found(invitation)
        response = browser.post(url, {**fields, **way, "page": page})
        after = found(invitation)
        parsed = parse_answers(
            before.definition, "", before.facts, fields, answers=before.answers, block=page
        )
        expected = {**before.answers, **parsed.answers}
        if parsed.errors:
            assert response.status_code == 422
            expected = before.answers
        elif page == "fix" and not way and "X4" not in expected:
            assert response.status_code == 422
        else:
            assert response.status_code == 303
        assert after.answers == {n: v for n, v in expected.items() if v not in ("", ())}
