"""How many cases agents have lately and how many of them end in an answer: what a policy with a
target for each agent draws its lots by.

Two bounded reads of the newest cases, kept for an hour in this process: rates that move a little
later are no harm, and a batch of cases never waits for a month of history.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from surveys.services.intake_sql import rows
from surveys.services.sampling import OWN_SHARE, Volume, Volumes, answered_share

MONTH: Final = 30.0
# Cases read at most; a busy company's month is measured on its newest days.
MOST_CASES: Final = 100_000
# Answers to younger cases may still come; older ones are another time.
_SETTLED: Final = timedelta(days=14)
_OLDEST: Final = timedelta(days=104)
# Reasons for which a case never came to the lot.
_NO_LOT: Final = (
    "no_policy", "policy_disabled", "not_published", "no_address", "suppressed", "erased",
    "history",
)  # fmt: skip

_kept: dict[datetime, Volumes] = {}

_CASES: Final = """
WITH latest AS (
  SELECT r.id, r.resolved_at FROM surveys_resolution r
   WHERE r.resolved_at > %s::timestamptz AND r.resolved_at <= %s::timestamptz
   ORDER BY r.resolved_at DESC LIMIT %s
), lots AS (
  SELECT l.id, l.resolved_at, i.reason_code,
         EXISTS (SELECT FROM surveys_response a
                  WHERE a.invitation_id = i.id AND a.completed_at IS NOT NULL) AS completed
    FROM latest l JOIN surveys_invitation i ON i.resolution_id = l.id
   WHERE i.reason_code <> ALL(%s::text[])
)
SELECT g.external_id, count(*), count(*) FILTER (WHERE lots.reason_code <> 'sampled_out'),
       count(*) FILTER (WHERE lots.completed), min(lots.resolved_at)
  FROM lots
  JOIN surveys_resolutionagent h ON h.resolution_id = lots.id AND h.share >= %s
  JOIN surveys_agent g ON g.id = h.agent_id AND NOT g.is_bot
 GROUP BY g.external_id
"""


def volumes(now: datetime) -> Volumes:
    """What each agent is to expect in 30 days, as measured at the last full hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if hour not in _kept:
        measured = measure(hour)
        forget()
        _kept[hour] = measured
    return _kept[hour]


def forget() -> None:
    """Measure anew when next asked."""
    _kept.clear()


def measure(now: datetime) -> Volumes:
    """The same, measured now. A young installation's few days are taken for a whole month."""
    settled = _read(now - _OLDEST, now - _SETTLED)
    drawn = sum(row[2] for row in settled)
    company = answered_share(sum(row[3] for row in settled), drawn)
    answered = {row[0]: answered_share(row[3], row[2], company) for row in settled}
    latest = _read(now - timedelta(days=MONTH), now)
    since = min((row[4] for row in latest), default=now)
    days = max((now - since) / timedelta(days=1), 1.0)
    return Volumes(
        {
            agent: Volume(n * MONTH / min(days, MONTH), answered.get(agent, company))
            for agent, n, *_ in latest
        }
    )


def _read(after: datetime, until: datetime) -> list[tuple[str, int, int, int, datetime]]:
    """Agent, cases, of these drawn, of these answered to the end, and since when."""
    found = rows(_CASES, after, until, MOST_CASES, list(_NO_LOT), OWN_SHARE)
    return [(str(agent), n, drawn, done, since) for agent, n, drawn, done, since in found]
