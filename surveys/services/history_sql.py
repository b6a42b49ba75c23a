"""The statements of `surveys.services.history`."""

from typing import Final

#: An erasure waits for the batches under way, and they for it: what came before it is deleted, what
#: comes after it sees the ledger of the erased.
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('unseparated ratings', 0))"
LOCK_SHARED: Final = (
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('unseparated ratings', 0))"
)

ERASED: Final = "SELECT email_hash FROM surveys_erasedcustomer WHERE email_hash = ANY(%s::text[])"

#: The case of a ticket, and what it was about when it was rated: its last resolution before, else
#: its first.
CASES: Final = """
SELECT k.place, c.id, u.erased_at IS NOT NULL, c.is_sample,
       r.agent, r.team, r.product, r.cause, r.channel, coalesce(u.language, '')
FROM unnest(%s::int[], %s::text[], %s::timestamptz[]) AS k(place, number, at)
JOIN surveys_case c ON c.source = %s::text AND c.external_id = k.number
LEFT JOIN surveys_customer u ON u.id = c.customer_id
LEFT JOIN LATERAL (
  SELECT (SELECT a.name FROM surveys_resolutionagent h JOIN surveys_agent a ON a.id = h.agent_id
          WHERE h.resolution_id = s.id ORDER BY h.share DESC, a.id LIMIT 1) AS agent,
         t.name AS team, p.name AS product, w.code AS cause, s.channel
  FROM surveys_resolution s
  LEFT JOIN surveys_team t ON t.id = s.team_id
  LEFT JOIN surveys_product p ON p.id = s.product_id
  LEFT JOIN surveys_cause w ON w.id = s.cause_id
  WHERE s.case_id = c.id
  ORDER BY s.resolved_at > k.at, abs(extract(epoch FROM s.resolved_at - k.at)) LIMIT 1
) AS r ON true
"""

#: A later state of a rating replaces an earlier one, and of two of one time the greater digest; any
#: other one where that is asked for. A case that came after its rating is linked when the file is
#: read again.
STORE: Final = """
INSERT INTO surveys_unseparatedrating AS known (
  tool, imported_at, external_id, email_hash, phone_hash, agent, team, product, cause, channel,
  language, scale, raw, position, top2, answered_at, comment, digest, case_id, is_sample)
SELECT %s::text, %s::timestamptz, told.*
FROM unnest(
  %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
  %s::text[], %s::text[], %s::text[], %s::float8[], %s::bool[], %s::timestamptz[], %s::text[],
  %s::text[], %s::bigint[], %s::bool[]) AS told
ON CONFLICT (tool, external_id) DO UPDATE SET
  email_hash = EXCLUDED.email_hash, phone_hash = EXCLUDED.phone_hash, agent = EXCLUDED.agent,
  team = EXCLUDED.team, product = EXCLUDED.product, cause = EXCLUDED.cause,
  channel = EXCLUDED.channel, language = EXCLUDED.language, scale = EXCLUDED.scale,
  raw = EXCLUDED.raw, position = EXCLUDED.position, top2 = EXCLUDED.top2,
  answered_at = EXCLUDED.answered_at, comment = EXCLUDED.comment, digest = EXCLUDED.digest,
  case_id = EXCLUDED.case_id, is_sample = EXCLUDED.is_sample, imported_at = EXCLUDED.imported_at
WHERE (EXCLUDED.answered_at, EXCLUDED.digest COLLATE "C")
      > (known.answered_at, known.digest COLLATE "C")
   OR (EXCLUDED.digest = known.digest AND known.case_id IS NULL AND EXCLUDED.case_id IS NOT NULL)
   OR (%s::bool AND EXCLUDED.digest <> known.digest)
RETURNING external_id, xmax = 0
"""
