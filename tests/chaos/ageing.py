"""Lets days pass for some surveys: what is due in days is due now.

Only times are moved, and only where the installation waits for them; everything else it does by
itself.
"""

from __future__ import annotations

import time
from typing import Any, Final

import psycopg

from tests.chaos.ledger import Ledger

AT_ONCE: Final = 3

_REMIND: Final = """
UPDATE surveys_delivery SET due_at = now() WHERE id IN (
  SELECT d.id FROM surveys_delivery d JOIN surveys_invitation i ON i.id = d.invitation_id
   WHERE d.kind = 'reminder' AND d.status = 'queued' AND d.due_at > now() + interval '1 hour'
     AND i.id %% 3 = 0 ORDER BY d.id LIMIT %s FOR UPDATE OF d SKIP LOCKED)
"""
_CLOSE: Final = """
UPDATE surveys_invitation SET expires_at = now() WHERE id IN (
  SELECT id FROM surveys_invitation
   WHERE status IN ('sent', 'unknown') AND expires_at > now() AND id %% 3 = 1
   ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
# What a dead worker held is held for two minutes; its pauses after a 4xx grow to hours.
_LEASES_END: Final = """
UPDATE surveys_delivery SET lease_until = now() - interval '1 second' WHERE status = 'sending'
"""
_PAUSES_END: Final = """
UPDATE surveys_delivery SET due_at = now()
 WHERE status = 'queued' AND n_attempts > 0 AND due_at > now()
"""


def some(database: psycopg.Connection[Any], ledger: Ledger) -> None:
    """A few reminders are due, a few surveys are over."""
    database.execute(_REMIND, [AT_ONCE])
    closed = database.execute(_CLOSE, [AT_ONCE]).fetchall()
    ledger.closing |= dict.fromkeys((row[0] for row in closed), time.time())


def leases(database: psycopg.Connection[Any]) -> None:
    """What dead workers held is free. To be called while no worker runs."""
    database.execute(_LEASES_END)


def pauses(database: psycopg.Connection[Any]) -> None:
    """What was refused for now is tried again."""
    database.execute(_PAUSES_END)
