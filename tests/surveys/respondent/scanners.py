"""How mail scanners, link previews and proxies treat the links of a mail: each a short script that
opens them through a client as it would, and whether it gives itself away."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import time_machine
from django.test import Client
from django.utils import timezone

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True)
class Scanner:
    """`shows`: whether the way it opens links tells it from a person."""

    name: str
    run: Callable[[Client, list[str]], None]
    shows: bool


def links_of(html: str) -> list[str]:
    """The addresses of a mail that lead to us, as paths, in its order."""
    found = [unescape(href) for href in re.findall(r'href="([^"]+)"', html)]
    ours = [urlsplit(href) for href in found if re.search(r"/[su]/", href)]
    return [url.path + (f"?{url.query}" if url.query else "") for url in ours]


def _get(client: Client, path: str, agent: str = FIREFOX, **headers: str) -> str:
    answer = client.get(path, headers={"user-agent": agent, **headers}, follow=True)
    assert answer.status_code < 500, path
    return answer.content.decode()


def _each(agent: str = FIREFOX, **headers: str) -> Callable[[Client, list[str]], None]:
    def run(client: Client, links: list[str]) -> None:
        for link in links:
            _get(client, link, agent, **headers)

    return run


def _methods(*methods: str) -> Callable[[Client, list[str]], None]:
    def run(client: Client, links: list[str]) -> None:
        for link in links:
            for method in methods:
                client.generic(method, link, headers={"user-agent": FIREFOX})

    return run


def _slowly(links: Iterable[str], client: Client, seconds: float) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for link in links:
            _get(client, link)
            clock.shift(timedelta(seconds=seconds))


def _changed(change: Callable[[str], str]) -> Callable[[Client, list[str]], None]:
    def run(client: Client, links: list[str]) -> None:
        for link in links:
            _get(client, change(link))

    return run


def _with_a_tag(link: str) -> str:
    return f"{link}{'&' if '?' in link else '?'}utm_source=gateway&safe=1"


def _encoded_twice(link: str) -> str:
    path, _, query = link.partition("?")
    return f"{path}?{quote(query, safe='')}" if query else path


def _all_answers(link: str) -> str:
    query = parse_qsl(urlsplit(link).query)
    return f"{urlsplit(link).path}?{urlencode([*query, ('F1', 1), ('C1', 5), ('O1', 1)])}"


def _crawl(client: Client, links: list[str]) -> None:
    """Follows every link of every page it gets, three pages deep."""
    seen, waiting = set(links), [(link, 0) for link in links]
    while waiting:
        link, depth = waiting.pop()
        html = _get(client, link)
        base = urlsplit(link).path
        for href in map(unescape, re.findall(r'href="([^"#]+)"', html)):
            other = base + href if href.startswith("?") else href
            is_page = re.match("/(?!static/)", other)
            if is_page and other not in seen and depth < 3:
                seen.add(other)
                waiting.append((other, depth + 1))


def _forms_by_get(client: Client, links: list[str]) -> None:
    """Sends the forms that it finds the way that changes nothing."""
    for link in links:
        html = _get(client, link)
        fields = re.findall(r'<(?:input|button)[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html)
        _get(client, f"{urlsplit(link).path}?{urlencode(fields)}")


def _empty_posts(client: Client, links: list[str]) -> None:
    """Tries whether the pages of the survey take a post at all."""
    for link in links:
        if link.startswith("/s/"):
            client.post(link, headers={"user-agent": FIREFOX})


def _shuffled_twice(client: Client, links: list[str]) -> None:
    order = [*links, *links]
    random.Random(7).shuffle(order)
    _each()(client, order)


def _rechecked(client: Client, links: list[str]) -> None:
    """Looks once more with what a cache would send along."""
    _each()(client, links)
    stale = {"if-modified-since": "Sat, 01 Jan 2022 00:00:00 GMT", "if-none-match": '"x"'}
    _each(**stale)(client, links)


def _first_only(client: Client, links: list[str]) -> None:
    _get(client, links[0])


def _unsubscribe_only(client: Client, links: list[str]) -> None:
    for link in links:
        if link.startswith("/u/"):
            _get(client, link)


def _prefetch(client: Client, links: list[str]) -> None:
    _get(client, links[0], **{"purpose": "prefetch", "sec-purpose": "prefetch;prerender"})


def _seen_ones_slowly(client: Client, links: list[str]) -> None:
    """One after the other, as slowly as somebody who tries all of them."""
    _slowly([link for link in links if "link=" not in link], client, 4)


def _all_slowly(client: Client, links: list[str]) -> None:
    _slowly(links, client, 20)


SCANNERS = (
    Scanner("opens every link at once, as a browser", _each(), True),
    Scanner("opens every link twice, in any order", _shuffled_twice, True),
    Scanner("asks for the heads", _methods("HEAD"), True),
    Scanner("asks for the head, then for the page", _methods("HEAD", "GET"), True),
    Scanner("asks what may be done", _methods("OPTIONS"), False),
    Scanner("tries other methods", _methods("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"), False),
    Scanner("fetches with curl", _each("curl/8.14.1"), True),
    Scanner("fetches with a library", _each("python-requests/2.32"), True),
    Scanner("names itself a gateway", _each("Mozilla/5.0 (compatible; Proofpoint URL)"), True),
    Scanner("names nobody", _each(""), True),
    Scanner("is a preview in a chat", _each("Slackbot-LinkExpanding 1.0"), True),
    Scanner("is Chromium without a window", _each(f"{FIREFOX} HeadlessChrome/140.0"), True),
    Scanner("opens the first link only", _first_only, False),
    Scanner("opens the way out only", _unsubscribe_only, False),
    Scanner("fetches ahead of a click", _prefetch, False),
    Scanner("asks for a part of each page", _each(range="bytes=0-1023"), True),
    Scanner("looks again with what a cache knows", _rechecked, True),
    Scanner("adds words of its own to each link", _changed(_with_a_tag), True),
    Scanner("drops the query", _changed(lambda link: link.partition("?")[0]), False),
    Scanner("encodes the query twice", _changed(_encoded_twice), True),
    Scanner("drops the last stroke", _changed(lambda link: link.replace("/?", "?")), True),
    Scanner("writes the link in small letters", _changed(str.lower), False),
    Scanner("adds answers of its own", _changed(_all_answers), True),
    Scanner("sends forms by GET", _forms_by_get, True),
    Scanner("posts nothing", _empty_posts, False),
    Scanner("crawls three pages deep", _crawl, True),
    Scanner("opens what is seen, a link in four seconds", _seen_ones_slowly, False),
    Scanner("opens all, a link in twenty seconds", _all_slowly, True),
)
