"""Keeps which links of mails were opened, and tells machines by how they do it.

A sign is never an answer, and never stands in an answer's way: it is shown to whoever looks after
deliverability, by domain.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from surveys.models import LinkOpening

Sign = LinkOpening.Sign
HIDDEN: Final = "hidden"
#: So many different links of one mail within TOGETHER seconds are opened by no finger.
SEVERAL: Final = 3
TOGETHER: Final = 1.0
#: Of one invitation no more are kept: a link that is called for ever fills no table.
MOST: Final = 60
KEPT: Final = dt.timedelta(days=90)
# Programs that fetch addresses and say so: mail gateways, link previews, libraries.
_PROGRAMS: Final = re.compile(
    r"barracuda|mimecast|proofpoint|ironport|messagelabs|symantec|fireeye|sophos|forcepoint"
    r"|trendmicro|safelinks|bingpreview|googleimageproxy|yahoomailproxy|facebookexternalhit"
    r"|slackbot|whatsapp/|skypeuripreview|telegrambot|linkedinbot|twitterbot|headlesschrome"
    r"|phantomjs|python-|aiohttp|curl/|wget/|go-http-client|java/|okhttp|libwww|axios/|node-fetch"
    r"|\b(?:bot|crawler|spider|scanner|urlcheck|preview)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """A link that was opened: of which mail, when, which one, and what spoke for a machine."""

    token_hash: bytes
    opened_at: dt.datetime
    link: str
    sign: str = ""


def sign_of(method: str, agent: str, link: str) -> str:
    """What one opening alone says. A browser always names itself, so no name is a program's."""
    if link == HIDDEN:
        return Sign.HIDDEN
    if not agent or _PROGRAMS.search(agent):
        return Sign.AGENT
    return Sign.HEAD if method == "HEAD" else Sign.NONE


_KEEP: Final = """
INSERT INTO surveys_linkopening (invitation_id, opened_at, link, sign)
SELECT i.id, o.opened_at, o.link, o.sign
  FROM unnest(%(hashes)s::bytea[], %(moments)s::timestamptz[], %(links)s::text[], %(signs)s::text[])
       AS o (token_hash, opened_at, link, sign)
  JOIN surveys_invitation i ON i.token_hash = o.token_hash
 WHERE (SELECT count(*) FROM surveys_linkopening k WHERE k.invitation_id = i.id) < %(most)s
RETURNING invitation_id
"""
_MARK: Final = """
WITH several AS (
  SELECT a.invitation_id, a.opened_at AS since
    FROM surveys_linkopening a
    JOIN surveys_linkopening b ON b.invitation_id = a.invitation_id
     AND b.opened_at BETWEEN a.opened_at AND a.opened_at + make_interval(secs => %(together)s)
   WHERE a.invitation_id = ANY(%(ids)s::bigint[])
   GROUP BY a.id, a.invitation_id, a.opened_at
  HAVING count(DISTINCT b.link) >= %(several)s
)
UPDATE surveys_linkopening o SET sign = 'together'
  FROM several s
 WHERE o.invitation_id = s.invitation_id AND o.sign = ''
   AND o.opened_at BETWEEN s.since AND s.since + make_interval(secs => %(together)s)
"""


def keep(openings: Sequence[Opening]) -> int:
    """Store them, and mark those of several links at once; how many were stored."""
    if not openings:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "hashes": [one.token_hash for one in openings],
                "moments": [one.opened_at for one in openings],
                "links": [one.link for one in openings],
                "signs": [str(one.sign) for one in openings],
                "most": MOST,
            },
        )
        kept = [invitation for (invitation,) in cursor.fetchall()]
        if kept:
            cursor.execute(
                _MARK, {"ids": sorted(set(kept)), "together": TOGETHER, "several": SEVERAL}
            )
    return len(kept)


def forget_old(now: dt.datetime) -> int:
    """Drop those of long ago; how many."""
    return LinkOpening.objects.filter(opened_at__lt=now - KEPT).delete()[0]
