"""Jira's API: reporter and assignee of an issue, and the request as the portal knows it, where the
issue keeps the reporter's address to itself.

Proven in the cloud by an API token and the address of its account, in a Data Center by a personal
access token alone. Source: developer.atlassian.com, Jira Cloud REST API v2 "Issues", Jira Service
Management REST API "Request".
"""

from __future__ import annotations

import re
from typing import Final

from surveys.helpdesks.base import Agent
from surveys.helpdesks.lookups.base import (
    Access,
    Asked,
    Conversation,
    Found,
    Greeting,
    Request,
    UnknownCaseError,
    basic,
    bearer,
    language,
    required,
)
from surveys.helpdesks.reading import Node

ADDRESS: Final = "https://acme.atlassian.net"
HAS_OWN_ADDRESS: Final = True
WHOSE: Final = "E-mail address of the account whose token it is (empty for a Data Center)"
PROOF: Final = "API token, from id.atlassian.com → Security; or a personal access token"
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}-[0-9]{1,15}|[0-9]{1,15}")


def ask(access: Access, asked: Asked) -> Conversation:
    """Raises: UnknownCaseError."""
    proof = headers(access)
    path = f"/rest/api/2/issue/{is_key(asked.case)}?fields=reporter,assignee"
    fields = required((yield Request(path, proof))).at("fields")
    reporter, assignee, portal = fields.at("reporter"), fields.at("assignee"), Node(None)
    if not reporter.at("emailAddress").email():
        path = f"/rest/servicedeskapi/request/{asked.case}"
        portal = (yield Request(path, proof, is_optional=True)).body.at("reporter")
    return Found(
        requester_id=_account(reporter) or _account(portal),
        email=reporter.at("emailAddress").email() or portal.at("emailAddress").email(),
        name=reporter.at("displayName").text() or portal.at("displayName").text(),
        language=language(reporter.at("locale").text()),
        timezone=reporter.at("timeZone").text() or portal.at("timeZone").text(),
        agent=Agent(
            _account(assignee),
            assignee.at("displayName").text(),
            assignee.at("emailAddress").email(),
        ),
    )


def greet(access: Access) -> Greeting:
    """The account whose token it is."""
    me = required((yield Request("/rest/api/2/myself", headers(access))))
    return f"it knows us as {me.at('displayName').text() or 'an account'}"


def is_key(case: str) -> str:
    """The key of an issue, safe to stand in a path. Raises: UnknownCaseError."""
    if not _KEY.fullmatch(case):
        raise UnknownCaseError(f"case {case[:50]!r} is no key of an issue")
    return case


def _account(user: Node) -> str:
    return user.first("accountId", "key", "name").id()


def headers(access: Access) -> dict[str, str]:
    """What proves us."""
    return basic(access.user, access.token) if access.user else bearer(access.token)
