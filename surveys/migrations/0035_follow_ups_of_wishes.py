"""Opens the follow-ups of wishes that were noted before there were any: ten thousand responses at a
time, each batch by itself, so that it can be cut short and run again. Nobody is told, and no call
is overdue from the first minute: it is due in two working days."""

import datetime as dt

from django.db import connection, migrations
from django.utils import timezone

BATCH = 10_000
OPEN = """
WITH wished AS (
  SELECT r.id, r.changed_at, r.wants_call_back, r.wants_news
    FROM surveys_response r
   WHERE r.id >= %(first)s AND r.id < %(after)s AND (r.wants_call_back OR r.wants_news)
), opened AS (
  INSERT INTO surveys_followup (response_id, kind, status, opened_at, due_at, outcome)
  SELECT id, 'call_back', 'open', changed_at, %(due)s::timestamptz, '' FROM wished
   WHERE wants_call_back
  UNION ALL
  SELECT id, 'news', 'open', changed_at, NULL, '' FROM wished WHERE wants_news
  ON CONFLICT (response_id, kind) DO NOTHING
  RETURNING id, opened_at
)
INSERT INTO surveys_followupchange (follow_up_id, at, actor, kind, note)
SELECT id, opened_at, 'the customer', 'opened', '' FROM opened
"""


def open_all(apps, schema_editor):
    due = timezone.now()
    for _ in range(2):
        due += dt.timedelta(days=1)
        while due.weekday() > 4:
            due += dt.timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM surveys_response")
        first, last = cursor.fetchone()
        while first is not None and first <= last:
            cursor.execute(OPEN, {"first": first, "after": first + BATCH, "due": due})
            first += BATCH


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("surveys", "0034_follow_ups")]

    operations = [migrations.RunPython(open_all, migrations.RunPython.noop)]
