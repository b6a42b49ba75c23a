"""The first answer to a survey, stored without looking the survey up first.

What decides how a first post is read, and which page comes next, is the same for thousands of
invitations: the version, the arm, the lot, the case's facts. The page of a survey that nobody
answered yet says under which of these it was made, by a short code in its form. A process that
knows the code reads the post by it, and the one statement that stores the answers asks for the very
same again, of the invitation as it stands then. Where anything differs, or the code is not known
here, nothing is stored by it and the post goes the ordinary way: the code is never trusted, and a
wrong one costs a statement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields, replace
from functools import lru_cache, partial
from typing import Any, Final

from surveys.questionnaire.asking import Facts
from surveys.services.asked import Asked
from surveys.services.tokens import hash_of

#: The form's field that carries the code.
FIELD: Final = "first"
# Of a version there are two arms, a few lots, languages and numbers of agents.
_AT_MOST: Final = 4096

#: What the storing statement adds to the conditions under which a survey is open.
AS_SAID: Final = """
     AND i.version_id = %(version_id)s AND i.asks = %(asks)s AND i.arm = %(arm)s
     AND i.rotation = %(rotation)s AND i.language = %(own_language)s
     AND s.human_handled = %(human_handled)s AND s.n_agents = %(n_agents)s"""


class NotAsSaidError(Exception):
    """The survey is not, or is no longer, what its page said. It has to be looked up."""


# By code what makes such a survey of the hash of a link: the rest of it is the same for all.
_surveys: dict[str, Callable[[bytes], Asked]] = {}


def code_of(asked: Asked) -> str:
    """What the page of this survey says; empty where a post must be looked up all the same: once
    it was answered, and where channel, product or causes decide what is asked.

    The same in every process, and known in this one from now on."""
    if asked.response_id is not None or asked.published.matter:
        return ""
    code = _code(*parameters(asked).values())
    if code not in _surveys:
        if len(_surveys) >= _AT_MOST:
            _surveys.clear()
        said = replace(
            asked,
            facts=Facts(asked.facts.human_handled, asked.facts.n_agents),
            look=None,
            expires_at=None,
            as_said=True,
        )
        _, *rest = (field.name for field in fields(Asked))  # without `token_hash`, its first
        _surveys[code] = partial(Asked, **{name: getattr(said, name) for name in rest})
    return code


@lru_cache(maxsize=_AT_MOST)
def _code(*said: object) -> str:
    return hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()


def said_by(code: str | None, token: str) -> Asked | None:
    """The survey that a page with this code showed, None where the code is not known here.

    Brand, closing time and product are not in it: what shows a page needs the look-up."""
    made = _surveys.get(code) if code else None
    return None if made is None else made(hash_of(token))


def parameters(asked: Asked) -> dict[str, Any]:
    """Those of `AS_SAID`: all that decides how the first post of a survey is read."""
    return {
        "version_id": asked.version_id,
        "asks": asked.asks,
        "arm": asked.arm,
        "rotation": asked.rotation,
        "own_language": asked.language,
        "human_handled": asked.facts.human_handled,
        "n_agents": asked.facts.n_agents,
    }
