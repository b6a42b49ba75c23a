"""A compiled mail has every answer as a link, its language, and nothing to be filled but what is
on the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from surveys.mail.skeleton import (
    KINDS,
    PLACEHOLDER,
    RUNTIME_PLACEHOLDERS,
    Kind,
    Skeleton,
    SkeletonError,
    compile_all,
    compile_skeleton,
)
from surveys.questionnaire.asking import ARMS, Arm, Asks, headline_item, narrowed
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.schema import Definition
from surveys.questionnaire.texts import catalogue, direction, fill, languages

DEFINITION = default_definition()


def changed(change: Callable[[Any], None]) -> Definition:
    document: Any = to_builtins(DEFINITION)
    change(document)
    return from_builtins(document)


class Reader(HTMLParser):
    """Collects tags and the words of each link."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.links: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append((str(dict(attrs)["href"]), ""))

    def handle_data(self, data: str) -> None:
        if self.links and self.get_starttag_text() and self.tags[-1][0] == "a":
            href, words = self.links[-1]
            self.links[-1] = (href, words + data)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", {}))


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("language", languages())
def test_skeleton_links_every_answer_with_its_words(language: str, arm: Arm, kind: Kind) -> None:
    skeleton = compile_skeleton(DEFINITION, language, arm, kind)
    item = headline_item(DEFINITION, arm)
    mail = catalogue(language)["mail"]

    expected = [
        (f"[[survey_url]]?{item.id}={option.value}", f"{option.value} – {option.label[language]}")
        for option in item.options
    ]
    assert read(skeleton.html).links == [
        *expected,
        ("[[survey_url]]", mail["open"]),
        ("[[unsubscribe_url]]", mail["unsubscribe"]),
        ("[[survey_url]]?link=hidden", ""),  # for machines alone, and not shown
    ]
    for url, words in expected:
        assert f"{words}\n{url}\n" in skeleton.text
    assert item.stem[language] in skeleton.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("asks", ["fix", "cause"])
@pytest.mark.parametrize("language", languages())
def test_skeleton_of_one_topic_speaks_of_no_other(language: str, asks: Asks, kind: Kind) -> None:
    arm: Arm = "cause_first" if asks == "cause" else "fix_first"
    skeleton = compile_skeleton(narrowed(DEFINITION, asks), language, arm, kind)
    whole = compile_skeleton(DEFINITION, language, arm, kind)
    mail = catalogue(language)["mail"]
    assert read(skeleton.html).links == read(whole.html).links
    for part in (skeleton.html, skeleton.text):
        assert escape(DEFINITION.lead_in[language]) not in part
    announced = fill(mail["invitation_preheader"], {"company": "[[brand]]"})
    assert escape(announced) not in skeleton.html
    assert skeleton.text.count("\n\n\n") == 0


@pytest.mark.parametrize("language", languages())
def test_skeleton_says_its_language_and_direction(language: str) -> None:
    html = compile_skeleton(DEFINITION, language, "fix_first", "invitation").html
    way = direction(language)

    assert f'<html lang="{language}" dir="{way}"' in html
    assert set(re.findall(r"direction:(\w+)", html)) == {way}
    assert set(re.findall(r"text-align:(left|right)", html)) <= (
        {"right", "left"} if way == "rtl" else {"left"}
    )


@pytest.mark.parametrize("skeleton", compile_all(DEFINITION), ids=lambda s: s.language)
def test_skeleton_is_small_self_contained_and_open_only_where_listed(skeleton: Skeleton) -> None:
    html = skeleton.html

    assert len(html.encode()) < 25_000
    assert not re.search(r"<img|<script|<link|@import|url\(|https?://(?!www\.w3\.org)", html)
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme" content="light dark"' in html
    for part in (skeleton.subject, html, skeleton.text):
        assert set(PLACEHOLDER.findall(part)) <= RUNTIME_PLACEHOLDERS
        assert not re.search(r"\{[a-z_]+\}(?!\s)", part.replace("{ ", ""))
    assert "[[subject]]" in skeleton.subject
    assert {"survey_url", "unsubscribe_url"} <= set(PLACEHOLDER.findall(skeleton.text))


def test_option_cell_is_high_enough_and_a_link_as_a_whole() -> None:
    html = compile_skeleton(DEFINITION, "en", "fix_first", "invitation").html

    cells = re.findall(r'<td class="option" height="(\d+)"[^>]*><a [^>]*style="([^"]*)"', html)
    assert len(cells) == 5
    for height, style in cells:
        assert int(height) >= 44
        assert "display:block" in style
        assert "padding:13px 16px" in style
        assert "line-height:20px" in style


def test_what_an_author_wrote_is_escaped_in_html_only() -> None:
    evil = '<script>alert("1")</script> & {company} &lt;b&gt;'

    def inject(d: Any) -> None:
        item = d["blocks"][0]["items"][0]
        item["stem"]["en"] = evil
        item["options"][0]["label"]["en"] = '"><img src=x>'

    skeleton = compile_skeleton(changed(inject), "en", "fix_first", "invitation")

    filled = evil.replace("{company}", "[[company]]")
    assert "<script" not in skeleton.html
    assert "<img" not in skeleton.html
    assert escape(filled) in skeleton.html
    assert filled in skeleton.text
    assert unescape(read(skeleton.html).links[0][1]) == '1 – "><img src=x>'


def test_text_missing_in_a_language_falls_back_to_the_default_language() -> None:
    def remove(d: Any) -> None:
        d["languages"].append("xx")

    skeleton = compile_skeleton(changed(remove), "xx", "fix_first", "reminder")

    assert skeleton.language == "xx"
    assert DEFINITION.item("F1").stem["en"] in skeleton.text


def test_mail_that_mailboxes_would_cut_off_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.mail.skeleton.MAX_HTML_BYTES", 9_000)

    with pytest.raises(SkeletonError, match="of HTML"):
        compile_skeleton(DEFINITION, "en", "fix_first", "invitation")


def test_every_language_arm_and_kind_is_compiled() -> None:
    made = [(s.language, s.arm, s.kind) for s in compile_all(DEFINITION)]

    assert sorted(made) == sorted(
        (language, arm, kind) for language in languages() for arm in ARMS for kind in KINDS
    )
