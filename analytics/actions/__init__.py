"""Preventive actions are registered, corrected and withdrawn; every change is written down.

    register(by, cause, wish, now) -> Action
    correct(pk, by, wish, note, now) -> Action      the days, once it has begun, only with a note
    withdraw(pk, by, note, now), restore(pk, by, now)
    days_in_words(began_on, done_on) -> str
    load_sample(now), remove_sample()               actions of the causes of the sample

All raise `ActionError` for a wish that makes no sense, in words and by the field it is about.
"""

from analytics.actions.registering import (
    LATELY,
    ActionError,
    Wish,
    correct,
    days_in_words,
    needs_note,
    register,
    restore,
    withdraw,
)
from analytics.actions.sample import load_sample, remove_sample

__all__ = [
    "LATELY",
    "ActionError",
    "Wish",
    "correct",
    "days_in_words",
    "load_sample",
    "needs_note",
    "register",
    "remove_sample",
    "restore",
    "withdraw",
]
