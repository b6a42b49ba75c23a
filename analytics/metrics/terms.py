"""Words that customers of a cause use more than others do.

Public functions
    terms(comments, *, least_comments=50, least_customers=5, most=20) -> DataFrame
    log_odds(own, other, prior) -> (delta, z)

`comments`: cause_id, customer, text; one row per comment. A column "names" may hold, per row, the
names to scrub (a list or tuple of text).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import FloatArray, IntArray, require
from analytics.metrics.function_words import FUNCTION_WORDS
from analytics.metrics.scrubbing import scrub, words

LEAST_COMMENTS = 50
#: A term fewer customers used could be about one of them.
LEAST_CUSTOMERS = 5
MOST = 20
#: Words that the prior is worth: a word must differ in more than a page of comments to rank high.
_PRIOR_WORDS = 500.0
_COLUMNS = ("cause_id", "term", "log_odds", "z", "customers", "comments")
#: A term is shown where it is more frequent than elsewhere beyond chance (one-sided 2.5 %).
_LEAST_Z = 1.96


def log_odds(
    own: npt.ArrayLike, other: npt.ArrayLike, prior: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """δ = ln odds of a word here − ln odds elsewhere, with pseudo-counts of the prior, and z = δ/σ.

    Shape: counts per word along the last axis; own (…, words), other and prior broadcast to it.
    Units: natural logarithms; z in standard deviations.
    Source: Monroe, Colaresi & Quinn 2008, Political Analysis 16:372, equations 16, 20 and 22.
    """
    here, there, pseudo = (np.asarray(part, dtype=float) for part in (own, other, prior))
    whole = pseudo.sum(axis=-1, keepdims=True)

    def logit(counts: FloatArray) -> FloatArray:
        rest = counts.sum(axis=-1, keepdims=True) + whole - counts - pseudo
        return np.asarray(np.log(counts + pseudo) - np.log(rest))

    delta = logit(here) - logit(there)
    return delta, delta / np.sqrt(1 / (here + pseudo) + 1 / (there + pseudo))


def terms(
    comments: pd.DataFrame,
    *,
    least_comments: int = LEAST_COMMENTS,
    least_customers: int = LEAST_CUSTOMERS,
    most: int = MOST,
) -> pd.DataFrame:
    """Typical words of each cause, most typical first.

    Each comment is scrubbed first, and counts a word once: who repeats a word is one voice. Words
    that carry grammar alone are left out: articles, pronouns, conjunctions and the like. The prior
    is the words of all comments. Rows without a cause are the language the others are compared
    with.

    Shape: → cause_id, term, log_odds, z, customers, comments; at most `most` rows per cause, none
    for a cause with fewer than `least_comments`, no term that fewer than `least_customers` of its
    customers used.
    Raises: FrameError for missing columns.
    Source: Monroe, Colaresi & Quinn 2008.
    """
    require(comments, dict.fromkeys(("cause_id", "customer", "text"), "any"))
    used = _used(comments)
    # A word that hardly anyone used anywhere can be shown for no cause, and most words are such.
    used = used[used.groupby("term")["term"].transform("size") >= least_customers]
    # Odds are those of a word against all others: there must be any.
    if used["term"].nunique() < 2:
        return pd.DataFrame(columns=list(_COLUMNS))
    cause, ids = pd.factorize(used["cause_id"], sort=True)
    term, vocabulary = pd.factorize(used["term"], sort=True)
    said = np.bincount(term, minlength=len(vocabulary)).astype(float)
    shape = len(ids), len(vocabulary)
    counted, customers = _tables(cause, term, used["customer"], shape)
    delta, z = log_odds(counted, said - counted, _PRIOR_WORDS * said / said.sum())
    enough = comments.groupby("cause_id")["text"].count().reindex(ids).to_numpy() >= least_comments
    shown = (customers >= least_customers) & (z >= _LEAST_Z) & enough[:, None]
    row, column = np.nonzero(shown)
    values = (ids[row], vocabulary[column], delta[shown], z[shown], customers[shown])
    table = pd.DataFrame(dict(zip(_COLUMNS, (*values, counted[shown].astype(int)), strict=True)))
    return _most_typical(table, most)


def _most_typical(table: pd.DataFrame, most: int) -> pd.DataFrame:
    ordered = table.sort_values(["cause_id", "z", "term"], ascending=[True, False, True])
    return ordered.groupby("cause_id", sort=False).head(most).reset_index(drop=True)


def _tables(
    cause: IntArray, term: IntArray, customer: "pd.Series[Any]", shape: tuple[int, int]
) -> tuple[FloatArray, IntArray]:
    """Comments and customers by cause and word; rows without a cause (−1) are in neither."""
    counted = np.zeros(shape)
    np.add.at(counted, (cause[cause >= 0], term[cause >= 0]), 1.0)
    placed = pd.DataFrame({"cause": cause, "place": term, "customer": customer})
    people = placed[cause >= 0].drop_duplicates()
    customers = np.zeros(shape, np.int64)
    np.add.at(customers, (people["cause"], people["place"]), people["customer"].notna())
    return counted, customers


def _used(comments: pd.DataFrame) -> pd.DataFrame:
    """One row per comment and word in it: cause_id, customer, term."""
    names = comments["names"] if "names" in comments else [()] * len(comments)
    texts = zip(comments["text"], names, strict=True)
    found = [
        sorted(set(words(scrub(text, given))) - FUNCTION_WORDS) if isinstance(text, str) else []
        for text, given in texts
    ]
    table = comments[["cause_id", "customer"]].assign(term=pd.Series(found, comments.index))
    return table.explode("term").dropna(subset=["term"]).reset_index(drop=True)
