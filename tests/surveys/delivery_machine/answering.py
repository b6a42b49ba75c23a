"""Links are opened and answered: by people, twice, late, in two tabs, and by machines."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.surveys.delivery_machine import stored
from tests.surveys.delivery_machine.dying import FATES, Fate
from tests.surveys.delivery_machine.outside import Link
from tests.surveys.delivery_machine.site import Site

TEXTS = st.sampled_from(
    [
        "",
        "Thank you",
        "“Ünï” & 'quote' 🙏\nsecond line",
        "=1+1",
        "<b>e\u0301</b> \u202eرائع",
        "x" * 900,
    ]
)
POSTS = st.dictionaries(st.sampled_from(["F1", "F2", "C1"]), st.integers(1, 5), max_size=3)
POSTED = st.builds(
    lambda ratings, texts: {**ratings, **texts},
    POSTS,
    st.dictionaries(st.sampled_from(["fix_comment", "cause_comment"]), TEXTS, max_size=2),
)
LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["get", "head", "options"]),
        st.sampled_from(["/s/{}/", "/s/{}/?F1=1", "/s/{}/?C1=5", "/s/{}/?link=hidden", "/u/{}/",
                         "/s/{}/done/?wants_news=1", "/s/{}/?page=2&F1=3"]),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip
_has_links = precondition(lambda self: bool(self.site.outside.links))


class Answering:
    """Rules of those who hold a link."""

    site: Site

    def link(self, data: st.DataObject) -> Link:
        return data.draw(st.sampled_from(sorted(self.site.outside.links.values(), key=_age)))

    @_has_links
    @rule(data=st.data(), looks=LOOKS)
    def look(self, data: st.DataObject, looks: list[tuple[str, str]]) -> None:
        """Invariant 7: GET, HEAD and OPTIONS change nothing."""
        link = self.link(data)
        before = stored.all_but_openings()
        for method, path in looks:
            answer = self.site.ask(method, path.format(link.token))
            assert answer.status_code < 500, answer
        assert stored.all_but_openings() == before

    @_has_links
    @rule(data=st.data(), posted=POSTED, again=st.booleans(), fate=FATES)
    def answer(self, data: st.DataObject, posted: dict[str, Any], again: bool, fate: Fate) -> None:
        link = self.link(data)
        self._post(link, posted, fate)
        if again:
            self._post(link, posted, fate)

    def _post(self, link: Link, posted: dict[str, Any], fate: Fate) -> None:
        before = link.answered
        after = before.after(posted)
        answer = self.site.ask("post", f"/s/{link.token}/", posted, fate)
        if answer is None:
            # Nobody was told: stored as a whole or not at all.
            link.answered = after if stored.answers(link) == after else before
        elif answer.status_code == 303:
            assert not self._is_over(link), f"{link} was answered after its end"
            link.answered = after
        else:
            assert answer.status_code in (404, 410), answer
        assert stored.answers(link) == link.answered

    def _is_over(self, link: Link) -> bool:
        if link.email in self.site.outside.erased:
            return True
        # What nobody noted the end of is open until somebody does.
        attempts = [one for one in self.site.outside.invited(link) if one.fate != "refused"]
        last = max(one.at for one in attempts if one.at)
        closes_at = last + dt.timedelta(days=self.site.close_days, minutes=3)
        return all(one.was_noted for one in attempts) and self.site.now > closes_at

    @_has_links
    @rule(data=st.data(), wish=st.sampled_from(["wants_call_back", "wants_news"]), fate=FATES)
    def wish(self, data: st.DataObject, wish: str, fate: Fate) -> None:
        self.site.ask("post", f"/s/{self.link(data).token}/done/", {wish: "1"}, fate)


def _age(link: Link) -> tuple[dt.datetime, int]:
    return link.came_at, link.invitation
