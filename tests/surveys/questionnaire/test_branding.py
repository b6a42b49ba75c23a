"""A brand's words: three placeholders, four elements, and nothing else whatever is typed."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.branding import Look, as_html, as_text, text_fault

VALUES = {"company": "Acme", "brand": '<b>"x"</b>', "product": "[[survey_url]]"}
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="http://plain.example/">x</a>',
    '<a href="https://a.example/" onclick="x()">x</a>',
    '<a href="https://{brand}/">x</a>',
    '<a href="https://a.example/\n">x</a>',
    "<a href='//a.example/'>x</a>",
    '<strong style="position:fixed">x</strong>',
    "<svg onload=alert(1)>",
    "<math><mtext></mtext><style><img src=x onerror=alert(1)></style></math>",
    "<!--<img src=x>-->",
    "<iframe src=https://a.example></iframe>",
    "<br onmouseover=x>",
    "<style>*{display:none}</style>",
    '<base href="https://a.example/">',
    "<p>x</p>",
]


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.hrefs: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.hrefs += [value or "" for name, value in attrs if name == "href"]


def is_harmless(html: str) -> bool:
    seen = Seen(html)
    return (
        {tag for tag, _ in seen.found} <= {"strong", "em", "br", "a"}
        and all(
            set(names) <= ({"href", "rel", "style"} if tag == "a" else set())
            for tag, names in seen.found
        )
        and all(href.startswith("https://") for href in seen.hrefs)
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_and_would_be_harmless_anyway(attack: str) -> None:
    assert text_fault(attack, 1000) is not None
    assert is_harmless(as_html(attack, VALUES))


@given(st.text(st.sampled_from("<>\"'/ =&;#x3cabrstonge{}:h\n[]\0\u202e"), max_size=80))
def test_nothing_typed_becomes_more_than_the_list_allows(text: str) -> None:
    html = as_html(text, VALUES)
    assert is_harmless(html)
    assert "[[" not in html.replace("[[survey_url]]", "")
    assert "\u202e" not in html
    assert "\0" not in html


@pytest.mark.parametrize(
    "text", ["a\u202eb", "a&#x202e;b", "[[survey_url]]", "&#91;[x]]", "a\0b", "{name}", "{ brand }"]
)
def test_what_definitions_refuse_is_refused_here_too(text: str) -> None:
    assert text_fault(text, 1000) is not None


@pytest.mark.parametrize("text", ["[<!-- -->[survey_url]]", "&#91;&#91;survey_url]]", "[[[x]]]"])
def test_no_placeholder_of_a_mail_can_be_smuggled_in(text: str) -> None:
    assert "[[" not in as_html(text, VALUES)
    assert "[[" not in as_text(text, VALUES)


def test_placeholders_are_filled_and_escaped() -> None:
    assert as_html("{company} {brand} {other}", VALUES) == (
        "Acme &lt;b&gt;&quot;x&quot;&lt;/b&gt; {other}"
    )


def test_links_keep_their_address_and_get_the_colour() -> None:
    html = as_html('<a href="https://a.example/?b&amp;c">x</a>', {}, link_style="color:#123456")
    assert 'href="https://a.example/?b&amp;c"' in html
    assert 'style="color:#123456"' in html
    assert 'rel="noopener noreferrer"' in html


def test_plain_text_keeps_lines_and_addresses() -> None:
    text = (
        'One<br>two\r\n<strong>three</strong> &amp; <a href="https://a.example/">four</a> {brand}'
    )
    assert as_text(text, VALUES) == ('One\ntwo\nthree & four (https://a.example/) <b>"x"</b>')


def test_a_good_text_is_taken_and_a_long_one_is_not() -> None:
    assert text_fault("5 < 6 & 7 {company}\nnext", 100) is None
    assert text_fault("x" * 101, 100) == "has 101 characters; at most 100 are possible"


def look(**texts: dict[str, str]) -> Look:
    return Look("B", "#000000", "#ffffff", "C", "", texts=texts)


def test_small_print_is_in_the_language_its_base_english_or_any() -> None:
    brand = look(de={"legal": "Recht"}, ar={"legal": "قانون", "footer": "ذيل"})
    assert [p.html for p in brand.small_print("de-AT", "")] == ["ذيل", "Recht"]
    assert [(p.language, p.direction) for p in brand.small_print("ar", "")] == [("ar", "rtl")] * 2
    assert [p.html for p in brand.small_print("fr", "")] == ["ذيل", "Recht"]


def test_an_intro_is_never_in_another_language() -> None:
    assert look(de={"mail_intro": "Hallo"}).wording("mail_intro", "fr", any_language=False) is None
