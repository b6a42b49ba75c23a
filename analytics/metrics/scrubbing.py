"""Comments without what names a person, and the words in them.

Public functions
    scrub(text, names=()) -> str        addresses, numbers and given names replaced by …
    words(text) -> list[str]            lower-case words; pairs of signs in scripts without spaces

What a pattern cannot know (a name nobody gave us, "my husband the dentist") stays: a term is shown
only where several customers used it.
"""

import re
import unicodedata
from collections.abc import Iterable

GAP = "…"
#: Signs of one text are looked at up to here; a comment of a megabyte must not stop a job.
_LONGEST = 20_000

_ADDRESSES = re.compile(r"(?:https?://|www\.)\S+|[^\s@<>(),;:]+@[^\s@<>(),;:]+|(?<!\w)@\w+")
#: Six digits and more, with what people write between them: phones, cards, orders, dates of birth.
_NUMBERS = re.compile(r"(?<!\w)[+(]{0,2}[A-Z]{0,2}\d(?:[\s().\-/]{0,3}[A-Z]{0,2}\d){5,}")
#: Thai, Lao, Myanmar, Khmer, kana and Han write without spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")


class _Letters(dict[int, int]):
    """For `str.translate`: letters and the marks upon them stay, all else becomes a space."""

    def __missing__(self, code: int) -> int:
        kept = unicodedata.category(chr(code))[0] in "LM"
        self[code] = code if kept else 32
        return self[code]


_LETTERS = _Letters({ord("'"): ord("'"), ord("’"): ord("'")})


def scrub(text: str, names: Iterable[str] = ()) -> str:
    """The text with e-mail and web addresses, handles, long numbers and the given names replaced.

    `names` are those known of this case (customer, agents); each of their words of at least two
    signs is replaced wherever it stands as a whole word, in any case of letters.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST])
    plain = _NUMBERS.sub(GAP, _ADDRESSES.sub(GAP, plain))
    parts = {
        part
        for name in names
        for part in unicodedata.normalize("NFKC", name).translate(_LETTERS).split()
        if len(part) > 1
    }
    if not parts:
        return plain
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    pattern = "|".join(re.escape(part) for part in longest_first)
    return re.sub(rf"(?<!\w)(?:{pattern})(?:'s|’s)?(?!\w)", GAP, plain, flags=re.IGNORECASE)


def words(text: str) -> list[str]:
    """Words of two letters or more, lower-case, without figures and signs.

    A run of a script without spaces gives each pair of neighbouring signs: enough to recognise what
    a comment is about, without a dictionary for each language.
    """
    found: list[str] = []
    for token in unicodedata.normalize("NFKC", text[:_LONGEST]).translate(_LETTERS).split():
        rest = _UNSPACED.sub(" ", token)
        for run in _UNSPACED.findall(token):
            found += [run[k : k + 2] for k in range(len(run) - 1)] or [run]
        found += [word for part in rest.split() if len(word := part.strip("'").casefold()) > 1]
    return found
