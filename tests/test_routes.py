"""Every address of the product and who may come in, made from the URLconf.

A route that is not listed here fails the suite, and so does a role, a stranger or a key that gets
another answer than the table says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from analytics.sharing import links, views
from analytics.sharing.digests import planning
from surveys.models import ApiKey, Kiosk, User
from surveys.services import (
    agent_identities,
    cause_rule_list,
    causes,
    connections,
    dimensions,
    kiosks,
    preview_links,
)
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from surveys.services.tokens import token_of
from tests import worlds
from tests.admin_api import ADMIN_API, QUESTIONNAIRE_API
from tests.analytics.acting import ActionFactory
from tests.factories import (
    AgentFactory,
    ApiKeyFactory,
    BrandFactory,
    CaseFactory,
    CauseFactory,
    DeliveryFactory,
    FollowUpFactory,
    HookDeliveryFactory,
    InvitationFactory,
    PolicyFactory,
    ProductFactory,
    ResolutionFactory,
    SuppressionFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.staff import BACKEND, NO_PASSWORD

pytestmark = pytest.mark.django_db

Role = User.Role
ADMIN, DESIGNER, MANAGER, LEAD, AGENT, OWNER, ANALYST = (
    Role.ADMIN,
    Role.DESIGNER,
    Role.MANAGER,
    Role.TEAM_LEAD,
    Role.AGENT,
    Role.CAUSE_OWNER,
    Role.ANALYST,
)
EVERYONE = frozenset(Role)
NUMBERS = frozenset({ADMIN, MANAGER, ANALYST})
IDENTITIES = frozenset({ADMIN, MANAGER})
SET_UP = frozenset({ADMIN, MANAGER, DESIGNER})
ADMINS = frozenset({ADMIN})
EDITORS = frozenset({ADMIN, DESIGNER})
CASES = EVERYONE - {DESIGNER}
#: The roles below see only their part; the world of these tests lies outside of it.
LIMITED = frozenset({LEAD, AGENT, OWNER})


@dataclass(frozen=True)
class Page:
    """A staff page: the roles that get it, of these the ones for whom its object does not exist,
    and whether it is posted to."""

    roles: frozenset[User.Role]
    path: str
    not_theirs: frozenset[User.Role] = frozenset()
    posts: bool = False


#: Staff pages by name of their route.
PAGES: dict[str, Page] = {
    "overview": Page(EVERYONE, "/"),
    "agents": Page(NUMBERS | {LEAD}, "/agents/"),
    "own_agent": Page(frozenset({AGENT}), "/agents/me/"),
    "agent": Page(NUMBERS | {LEAD, AGENT}, "/agents/{agent}/", frozenset({LEAD, AGENT})),
    "causes": Page(NUMBERS | {OWNER}, "/causes/"),
    "cause": Page(NUMBERS | {OWNER}, "/causes/{cause}/", frozenset({OWNER})),
    "chart": Page(NUMBERS, "/charts/trend.svg"),
    "chart_png": Page(NUMBERS, "/charts/trend.png"),
    "matrix": Page(NUMBERS, "/matrix/"),
    "trend": Page(NUMBERS, "/trend/"),
    "segments": Page(NUMBERS, "/segments/"),
    "responses": Page(NUMBERS | {LEAD, OWNER}, "/responses/"),
    "unseparated": Page(NUMBERS, "/responses/unseparated/"),
    "remove_import": Page(
        ADMINS, "/responses/unseparated/delighted/remove/?at=2026-01-01T00:00:00Z", ADMINS
    ),
    "who_answered": Page(NUMBERS, "/who-answered/"),
    "cases": Page(CASES, "/cases/"),
    "case": Page(CASES, "/cases/{case}/", LIMITED),
    "case_by_id": Page(CASES, "/cases/{source}/{external_id}/", LIMITED),
    "inbox": Page(IDENTITIES, "/demo/inbox/"),
    "inbox_count": Page(IDENTITIES, "/demo/inbox/count/"),
    "mail": Page(IDENTITIES, "/demo/inbox/001/"),
    "mail_document": Page(IDENTITIES, "/demo/inbox/001/html/"),
    "try_case": Page(IDENTITIES, "/demo/case/", posts=True),
    "load_sample_data": Page(ADMINS, "/demo/sample/load/", posts=True),
    "remove_sample_data": Page(ADMINS, "/demo/sample/remove/"),
    "policies": Page(SET_UP, "/policies/"),
    "new_policy": Page(EDITORS, "/policies/new/"),
    "policy": Page(EDITORS, "/policies/default/"),
    "move_policy": Page(EDITORS, "/policies/default/move/", posts=True),
    "switch_policy": Page(EDITORS, "/policies/default/switch/", posts=True),
    "duplicate_policy": Page(EDITORS, "/policies/default/duplicate/", posts=True),
    "delete_policy": Page(EDITORS, "/policies/default/delete/", posts=True),
    "questionnaires": Page(SET_UP, "/questionnaires/"),
    "questionnaire": Page(SET_UP, "/questionnaires/default/"),
    "questionnaire_edit": Page(EDITORS, "/questionnaires/default/edit/", posts=True),
    "questionnaire_state": Page(SET_UP, "/questionnaires/default/state/"),
    "preview_style": Page(SET_UP, "/questionnaires/preview/dark.css"),
    "questionnaire_preview": Page(SET_UP, "/questionnaires/default/preview/"),
    "questionnaire_new": Page(EDITORS, "/questionnaires/new/"),
    "questionnaire_import": Page(EDITORS, "/questionnaires/import/"),
    "questionnaire_duplicate": Page(EDITORS, "/questionnaires/default/duplicate/", posts=True),
    "questionnaire_rename": Page(EDITORS, "/questionnaires/default/rename/", posts=True),
    "questionnaire_archive": Page(EDITORS, "/questionnaires/default/archive/", posts=True),
    "questionnaire_bring_back": Page(EDITORS, "/questionnaires/default/bring-back/", posts=True),
    "questionnaire_export": Page(SET_UP, "/questionnaires/default/export.json"),
    "questionnaire_import_draft": Page(EDITORS, "/questionnaires/default/import/"),
    "questionnaire_versions": Page(SET_UP, "/questionnaires/default/versions/"),
    "questionnaire_version": Page(SET_UP, "/questionnaires/default/versions/1/"),
    "questionnaire_restore": Page(
        EDITORS, "/questionnaires/default/versions/1/restore/", posts=True
    ),
    "questionnaire_compare": Page(SET_UP, "/questionnaires/default/compare/"),
    "questionnaire_review": Page(SET_UP, "/questionnaires/default/review/"),
    "questionnaire_publish": Page(EDITORS, "/questionnaires/default/publish/", posts=True),
    "questionnaire_published": Page(SET_UP, "/questionnaires/default/versions/1/published/"),
    "questionnaire_use": Page(ADMINS, "/questionnaires/default/use/", posts=True),
    "questionnaire_translations": Page(SET_UP, "/questionnaires/{questionnaire}/translations/"),
    "change_translation_languages": Page(
        EDITORS, "/questionnaires/{questionnaire}/translations/languages/", posts=True
    ),
    "import_translations": Page(
        EDITORS, "/questionnaires/{questionnaire}/translations/import/", posts=True
    ),
    "save_translations": Page(
        EDITORS, "/questionnaires/{questionnaire}/translations/de/", posts=True
    ),
    "export_translations": Page(SET_UP, "/questionnaires/{questionnaire}/translations/de.xlf"),
    "questionnaire_mail": Page(SET_UP, "/questionnaires/default/mail/"),
    "questionnaire_mail_html": Page(SET_UP, "/questionnaires/default/mail/html/"),
    "questionnaire_test_send": Page(EDITORS, "/questionnaires/default/mail/test/", posts=True),
    "questionnaire_links": Page(SET_UP, "/questionnaires/default/links/"),
    "revoke_preview_link": Page(
        EDITORS, "/questionnaires/default/links/{preview_link}/revoke/", posts=True
    ),
    "brands": Page(SET_UP, "/brands/"),
    "new_brand": Page(EDITORS, "/brands/new/"),
    "brand_preview": Page(SET_UP, "/brands/preview/"),
    "brand": Page(SET_UP, "/brands/{brand}/"),
    "remove_brand": Page(EDITORS, "/brands/{brand}/remove/", posts=True),
    "connections": Page(ADMINS, "/connections/"),
    "new_connection": Page(ADMINS, "/connections/new/"),
    "connection": Page(ADMINS, "/connections/{desk}/"),
    "connection_calls": Page(ADMINS, "/connections/{desk}/calls/"),
    "connection_call": Page(ADMINS, "/connections/{desk}/calls/{call}/"),
    "save_call": Page(ADMINS, "/connections/{desk}/calls/{call}.json"),
    "replay_call": Page(ADMINS, "/connections/{desk}/calls/{call}/replay/", posts=True),
    "try_event_again": Page(ADMINS, "/connections/{desk}/events/1/again/", posts=True),
    "rename_connection": Page(ADMINS, "/connections/{desk}/rename/", posts=True),
    "connection_statuses": Page(ADMINS, "/connections/{desk}/statuses/", posts=True),
    "connection_fields": Page(ADMINS, "/connections/{desk}/fields/", posts=True),
    "connection_organization": Page(ADMINS, "/connections/{desk}/organization/", posts=True),
    "connection_cause": Page(ADMINS, "/connections/{desk}/cause/", posts=True),
    "undo_connection_cause": Page(ADMINS, "/connections/{desk}/cause/undo/", posts=True),
    "rotate_secret": Page(ADMINS, "/connections/{desk}/rotate/", posts=True),
    "retire_secret": Page(ADMINS, "/connections/{desk}/retire/", posts=True),
    "set_connection_api": Page(ADMINS, "/connections/{desk}/api/", posts=True),
    "try_connection_api": Page(ADMINS, "/connections/{desk}/api/try/", posts=True),
    "forget_connection_api": Page(ADMINS, "/connections/{desk}/api/forget/", posts=True),
    "choose_connection_notes": Page(ADMINS, "/connections/{desk}/notes/", posts=True),
    "connection_notes_again": Page(ADMINS, "/connections/{desk}/notes/again/", posts=True),
    "switch_connection": Page(ADMINS, "/connections/{desk}/switch/", posts=True),
    "delete_connection": Page(ADMINS, "/connections/{desk}/delete/", posts=True),
    "bring_back_connection": Page(ADMINS, "/connections/{desk}/bring-back/", posts=True),
    "deliverability": Page(ADMINS, "/deliverability/"),
    "resend_all_unknown": Page(ADMINS, "/deliverability/unknown/resend/", posts=True),
    "resend_unknown": Page(ADMINS, "/deliverability/unknown/{delivery}/resend/", posts=True),
    "follow_ups": Page(NUMBERS | {LEAD}, "/follow-ups/"),
    "follow_up": Page(NUMBERS | {LEAD}, "/follow-ups/{follow_up}/", frozenset({LEAD})),
    "assign_follow_up": Page(
        NUMBERS | {LEAD},
        "/follow-ups/{follow_up}/assign/",
        frozenset({LEAD, ANALYST}),
        posts=True,
    ),
    "close_follow_up": Page(
        NUMBERS | {LEAD},
        "/follow-ups/{follow_up}/close/",
        frozenset({LEAD, ANALYST}),
        posts=True,
    ),
    "reopen_follow_up": Page(
        NUMBERS | {LEAD},
        "/follow-ups/{follow_up}/reopen/",
        frozenset({LEAD, ANALYST}),
        posts=True,
    ),
    "actions": Page(NUMBERS | {OWNER}, "/actions/"),
    "new_action": Page(IDENTITIES | {OWNER}, "/actions/new/"),
    "action": Page(NUMBERS | {OWNER}, "/actions/{action}/", frozenset({OWNER})),
    "withdraw_action": Page(
        IDENTITIES | {OWNER}, "/actions/{action}/withdraw/", frozenset({OWNER})
    ),
    "restore_action": Page(
        IDENTITIES | {OWNER}, "/actions/{action}/restore/", frozenset({OWNER}), posts=True
    ),
    "survey_link": Page(IDENTITIES, "/surveys/{invitation}/link/"),
    "show_on_kiosk": Page(IDENTITIES, "/surveys/{invitation}/kiosk/", posts=True),
    "kiosks": Page(ADMINS, "/settings/kiosks/"),
    "revoke_kiosk": Page(ADMINS, "/settings/kiosks/{kiosk}/revoke/", posts=True),
    "settings": Page(ADMINS, "/settings/"),
    "people": Page(ADMINS, "/settings/people/"),
    "join_agents": Page(ADMINS, "/settings/people/join/", posts=True),
    "undo_agent_join": Page(ADMINS, "/settings/people/changes/{agent_change}/undo/", posts=True),
    "dimension_names": Page(ADMINS, "/settings/names/team/"),
    "rename_dimension": Page(ADMINS, "/settings/names/team/rename/", posts=True),
    "merge_dimension": Page(ADMINS, "/settings/names/product/merge/", posts=True),
    "undo_dimension_change": Page(
        ADMINS, "/settings/names/changes/{team_change}/undo/", posts=True
    ),
    "show_checklist": Page(ADMINS, "/settings/checklist/", posts=True),
    "report_pdf": Page(NUMBERS | {OWNER}, "/pdf/causes/"),
    "views": Page(CASES, "/settings/views/"),
    "change_view": Page(CASES, "/settings/views/{view}/", CASES, posts=True),
    "delete_view": Page(CASES, "/settings/views/{view}/delete/", CASES, posts=True),
    "restore_view": Page(CASES, "/settings/views/{view}/restore/", CASES, posts=True),
    "links": Page(CASES - {AGENT}, "/settings/links/"),
    "preview_shared": Page(
        NUMBERS | {OWNER}, "/settings/links/preview/?path=/causes/&query=to%3D2026-01-01"
    ),
    "revoke_link": Page(
        CASES - {AGENT}, "/settings/links/{link}/revoke/", CASES - {ADMIN}, posts=True
    ),
    "digests": Page(CASES, "/settings/digests/"),
    "stop_digest": Page(CASES, "/settings/digests/{digest}/stop/", CASES, posts=True),
    "cause_list": Page(ADMINS, "/settings/causes/"),
    "change_cause": Page(ADMINS, "/settings/causes/{cause_id}/"),
    "rename_cause": Page(ADMINS, "/settings/causes/{cause_id}/rename/", posts=True),
    "place_cause": Page(ADMINS, "/settings/causes/{cause_id}/place/", posts=True),
    "describe_cause": Page(ADMINS, "/settings/causes/{cause_id}/describe/", posts=True),
    "keep_cause": Page(ADMINS, "/settings/causes/{cause_id}/keep/", posts=True),
    "merge_cause": Page(ADMINS, "/settings/causes/{cause_id}/merge/", posts=True),
    "undo_cause_change": Page(ADMINS, "/settings/causes/changes/{cause_change}/undo/", posts=True),
    "assign_cause": Page(ADMINS, "/settings/causes/{cause_id}/owner/", posts=True),
    "cause_rules": Page(ADMINS, "/settings/causes/rules/"),
    "save_cause_rule": Page(ADMINS, "/settings/causes/rules/save/", posts=True),
    "change_cause_rule": Page(ADMINS, "/settings/causes/rules/{cause_rule}/", posts=True),
    "apply_cause_rule": Page(ADMINS, "/settings/causes/rules/{cause_rule}/apply/"),
    "unmapped_causes": Page(ADMINS, "/settings/causes/unmapped/"),
    "take_suggestions": Page(ADMINS, "/settings/causes/unmapped/take/", posts=True),
    "undo_taken": Page(ADMINS, "/settings/causes/unmapped/undo/", posts=True),
    "split_cause": Page(ADMINS, "/settings/causes/{cause_id}/split/"),
    "bounces": Page(ADMINS, "/settings/bounces/"),
    "suppressions": Page(ADMINS, "/settings/suppressions/"),
    "add_suppression": Page(ADMINS, "/settings/suppressions/add/", posts=True),
    "import_suppressions": Page(ADMINS, "/settings/suppressions/import/"),
    "export_suppressions": Page(ADMINS, "/settings/suppressions/export.csv"),
    "suppression": Page(ADMINS, "/settings/suppressions/{suppression}/"),
    "lift_suppression": Page(ADMINS, "/settings/suppressions/{suppression}/lift/", posts=True),
    "webhooks": Page(ADMINS, "/settings/webhooks/"),
    "webhook": Page(ADMINS, "/settings/webhooks/{webhook}/"),
    "do_webhook": Page(ADMINS, "/settings/webhooks/{webhook}/pause/", posts=True),
    "webhook_delivery": Page(ADMINS, "/settings/webhooks/{webhook}/deliveries/{told}/"),
    "resend_webhook_delivery": Page(
        ADMINS, "/settings/webhooks/{webhook}/deliveries/{told}/resend/", posts=True
    ),
    "revoke_key": Page(ADMINS, "/settings/keys/{key}/revoke/", posts=True),
}

#: The real survey page, which has no token, shown of a draft: what is posted there is not stored.
STORES_NOTHING = frozenset({"questionnaire_preview"})

Scope = ApiKey.Scope


@dataclass(frozen=True)
class Endpoint:
    """An address of the API: the scopes of a key and the roles of a session that may read it."""

    path: str
    scopes: frozenset[str]
    roles: frozenset[User.Role]
    not_theirs: frozenset[User.Role] = frozenset()
    answer: int = 200  # to a GET; 405 where there is nothing to read


QUESTIONNAIRES = (frozenset({Scope.QUESTIONNAIRES_WRITE}), EDITORS)

API: dict[str, Endpoint] = {
    "api-cases": Endpoint("/api/v1/cases/", frozenset({Scope.CASES_READ}), CASES),
    "api-case": Endpoint(
        "/api/v1/cases/{source}/{external_id}/", frozenset({Scope.CASES_READ}), CASES, LIMITED
    ),
    "api-cause-list": Endpoint("/api/v1/causes/", frozenset(), ADMINS),
    "api-cause": Endpoint("/api/v1/causes/{cause}/", frozenset(), ADMINS),
    "api-keep-cause": Endpoint("/api/v1/causes/{cause}/keep/", frozenset(), ADMINS, answer=405),
    "api-merge-cause": Endpoint(
        "/api/v1/causes/{cause}/merge/?into={other_cause}", frozenset(), ADMINS
    ),
    "api-cause-changes": Endpoint("/api/v1/cause-changes/", frozenset(), ADMINS),
    "api-undo-cause": Endpoint(
        "/api/v1/cause-changes/{cause_change}/undo/", frozenset(), ADMINS, answer=405
    ),
    "api-connections": Endpoint("/api/v1/connections/", frozenset(), ADMINS),
    "api-connection": Endpoint("/api/v1/connections/{desk}/", frozenset(), ADMINS),
    "api-rotate-connection": Endpoint(
        "/api/v1/connections/{desk}/rotate/", frozenset(), ADMINS, answer=405
    ),
    "api-retire-connection": Endpoint(
        "/api/v1/connections/{desk}/retire/", frozenset(), ADMINS, answer=405
    ),
    "api-restore-connection": Endpoint(
        "/api/v1/connections/{desk}/restore/", frozenset(), ADMINS, answer=405
    ),
    "api-connection-health": Endpoint("/api/v1/connections/{desk}/health/", frozenset(), ADMINS),
    "api-connection-deliveries": Endpoint(
        "/api/v1/connections/{desk}/deliveries/", frozenset(), ADMINS
    ),
    "api-connection-delivery": Endpoint(
        "/api/v1/connections/{desk}/deliveries/{call}/", frozenset(), ADMINS
    ),
    "api-replay-delivery": Endpoint(
        "/api/v1/connections/{desk}/deliveries/{call}/replay/", frozenset(), ADMINS, answer=405
    ),
    "api-follow-ups": Endpoint(
        "/api/v1/follow-ups/",
        frozenset({Scope.RESPONSES_READ}),
        NUMBERS | LIMITED,
        frozenset({AGENT, OWNER}),
    ),
    "api-follow-up": Endpoint(
        "/api/v1/follow-ups/{follow_up}/",
        frozenset({Scope.RESPONSES_READ}),
        NUMBERS | LIMITED,
        LIMITED,
    ),
    **{
        f"api-{step}-follow-up": Endpoint(
            f"/api/v1/follow-ups/{{follow_up}}/{step}/",
            frozenset({Scope.RESPONSES_READ}),
            NUMBERS | LIMITED,
            answer=405,
        )
        for step in ("assign", "close", "reopen")
    },
    "api-invitations": Endpoint(
        "/api/v1/invitations/", frozenset({Scope.INVITATIONS_DELIVER}), ADMINS
    ),
    "api-claim-invitations": Endpoint(
        "/api/v1/invitations/claim/", frozenset({Scope.INVITATIONS_DELIVER}), ADMINS, answer=405
    ),
    "api-invitation": Endpoint(
        "/api/v1/invitations/{handed}/", frozenset({Scope.INVITATIONS_DELIVER}), ADMINS
    ),
    "api-invitation-reports": Endpoint(
        "/api/v1/invitations/{handed}/reports/",
        frozenset({Scope.INVITATIONS_DELIVER}),
        ADMINS,
        answer=405,
    ),
    "api-policies": Endpoint(
        "/api/v1/policies/",
        frozenset({Scope.CASES_READ, Scope.QUESTIONNAIRES_WRITE}),
        SET_UP | {ANALYST},
    ),
    "api-duplicate-policy": Endpoint(
        "/api/v1/policies/default/duplicate/",
        frozenset({Scope.CASES_READ, Scope.QUESTIONNAIRES_WRITE}),
        SET_UP | {ANALYST},
        answer=405,
    ),
    "api-try-policy": Endpoint(
        "/api/v1/policies/default/try/",
        frozenset({Scope.CASES_READ, Scope.QUESTIONNAIRES_WRITE}),
        SET_UP | {ANALYST},
        answer=405,
    ),
    "api-move-policy": Endpoint(
        "/api/v1/policies/default/move/",
        frozenset({Scope.CASES_READ, Scope.QUESTIONNAIRES_WRITE}),
        SET_UP | {ANALYST},
        answer=405,
    ),
    "api-policy": Endpoint(
        "/api/v1/policies/default/",
        frozenset({Scope.CASES_READ, Scope.QUESTIONNAIRES_WRITE}),
        SET_UP | {ANALYST},
    ),
    "api-questionnaires": Endpoint("/api/v1/questionnaires/", *QUESTIONNAIRES),
    "api-questionnaire": Endpoint("/api/v1/questionnaires/default/", *QUESTIONNAIRES),
    "api-draft": Endpoint("/api/v1/questionnaires/default/draft/", *QUESTIONNAIRES),
    "api-publish": Endpoint("/api/v1/questionnaires/default/publish/", *QUESTIONNAIRES, answer=405),
    "api-version": Endpoint("/api/v1/questionnaires/default/versions/1/", *QUESTIONNAIRES),
    "api-suppressions": Endpoint("/api/v1/suppressions/", frozenset(), ADMINS),
    "api-lift-suppression": Endpoint("/api/v1/suppressions/lift/", frozenset(), ADMINS, answer=405),
    "api-webhooks": Endpoint("/api/v1/webhooks/", frozenset(), ADMINS),
    "api-webhook": Endpoint("/api/v1/webhooks/{webhook}/", frozenset(), ADMINS),
    "api-rotate-webhook": Endpoint(
        "/api/v1/webhooks/{webhook}/rotate/", frozenset(), ADMINS, answer=405
    ),
    "api-test-webhook": Endpoint(
        "/api/v1/webhooks/{webhook}/test/", frozenset(), ADMINS, answer=405
    ),
    "api-webhook-deliveries": Endpoint(
        "/api/v1/webhooks/{webhook}/deliveries/", frozenset(), ADMINS
    ),
    "api-resend-webhook": Endpoint(
        "/api/v1/webhooks/{webhook}/deliveries/{told}/resend/", frozenset(), ADMINS, answer=405
    ),
    "api-overview": Endpoint(
        "/api/v1/reports/overview/", frozenset({Scope.REPORTS_READ}), NUMBERS | LIMITED
    ),
    "api-agents": Endpoint(
        "/api/v1/reports/agents/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        frozenset({OWNER}),
    ),
    "api-causes": Endpoint(
        "/api/v1/reports/causes/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        frozenset({LEAD, AGENT}),
    ),
    "api-matrix": Endpoint(
        "/api/v1/reports/matrix/", frozenset({Scope.REPORTS_READ}), NUMBERS | LIMITED, LIMITED
    ),
    "api-trend": Endpoint(
        "/api/v1/reports/trend/", frozenset({Scope.REPORTS_READ}), NUMBERS | LIMITED
    ),
    "api-comparison": Endpoint(
        "/api/v1/reports/comparison/?b_channel=phone",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        LIMITED,
    ),
    "api-funnel": Endpoint(
        "/api/v1/reports/funnel/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        frozenset({OWNER}),
    ),
    "api-alarms": Endpoint(
        "/api/v1/reports/alarms/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        frozenset({LEAD, AGENT}),
    ),
    "api-action-list": Endpoint(
        "/api/v1/actions/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        frozenset({LEAD, AGENT}),
    ),
    "api-action": Endpoint(
        "/api/v1/actions/{action}/", frozenset({Scope.REPORTS_READ}), NUMBERS | LIMITED, LIMITED
    ),
    **{
        f"api-{step}-action": Endpoint(
            f"/api/v1/actions/{{action}}/{step}/",
            frozenset({Scope.REPORTS_READ}),
            NUMBERS | LIMITED,
            answer=405,
        )
        for step in ("withdraw", "restore")
    },
    "api-deliverability": Endpoint("/api/v1/reports/deliverability/", frozenset(), ADMINS),
    "api-agent-mix": Endpoint(
        "/api/v1/reports/agents/{agent_id}/mix/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        LIMITED,
    ),
    "api-cause-story": Endpoint(
        "/api/v1/reports/causes/{cause}/story/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        LIMITED,
    ),
    "api-share-links": Endpoint("/api/v1/share-links/", frozenset(), ADMINS),
    "api-share-link": Endpoint("/api/v1/share-links/{link}/", frozenset(), ADMINS),
    "api-revoke-share-link": Endpoint(
        "/api/v1/share-links/{link}/revoke/", frozenset(), ADMINS, answer=405
    ),
    "api-digests": Endpoint("/api/v1/digests/", frozenset(), ADMINS),
    "api-digest": Endpoint("/api/v1/digests/{digest}/", frozenset(), ADMINS),
    "api-signals": Endpoint(
        "/api/v1/signals/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        frozenset({LEAD, AGENT}),
    ),
    "api-drivers": Endpoint(
        "/api/v1/reports/drivers/", frozenset({Scope.REPORTS_READ}), NUMBERS | LIMITED, LIMITED
    ),
    "api-non-response": Endpoint(
        "/api/v1/reports/non-response/", frozenset({Scope.REPORTS_READ}), NUMBERS | LIMITED, LIMITED
    ),
    "api-actions": Endpoint(
        "/api/v1/reports/actions/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        frozenset({LEAD, AGENT}),
    ),
    "api-cause-change": Endpoint(
        "/api/v1/reports/causes/{cause}/change/?on=2026-03-02",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        LIMITED,
    ),
    "api-cause-chart": Endpoint(
        "/api/v1/reports/causes/{cause}/weeks/",
        frozenset({Scope.REPORTS_READ}),
        NUMBERS | LIMITED,
        LIMITED,
    ),
    "api-responses": Endpoint(
        "/api/v1/responses/", frozenset({Scope.RESPONSES_READ}), NUMBERS | LIMITED
    ),
}

#: Addresses that ask nobody who they are, and what a stranger's GET is answered.
PUBLIC: dict[str, tuple[str, frozenset[int]]] = {
    "healthz": ("/healthz", frozenset({200})),
    "readyz": ("/readyz", frozenset({200, 503})),
    "metrics": ("/metrics", frozenset({200, 403, 404})),
    "schema": ("/api/schema/", frozenset({200})),
    "api-docs": ("/api/docs/", frozenset({200})),
    "api-changelog": ("/api/changelog/", frozenset({200})),
    "mail-events": ("/api/mail-events/", frozenset({404})),
    "message-events": ("/api/message-events/", frozenset({404})),
    "hook": ("/hooks/{desk}/", frozenset({405})),
    "login": ("/login/", frozenset({200})),
    "logout": ("/logout/", frozenset({405})),
    "survey": ("/s/{token}/", frozenset({200})),
    "done": ("/s/{token}/done/", frozenset({200, 302, 303})),
    "unsubscribe": ("/u/{token}/", frozenset({200})),
    "kiosk": ("/k/{kiosk_token}/", frozenset({200})),
    "kiosk_survey": ("/k/{kiosk_token}/{visit}/", frozenset({200})),
    "kiosk_done": ("/k/{kiosk_token}/{visit}/done/", frozenset({200})),
    "kiosk_end": ("/k/{kiosk_token}/{visit}/end/", frozenset({303})),
    "preview": ("/p/{preview_token}/", frozenset({200})),
    "preview_test": ("/p/{preview_token}/test/both/fix_first/en/none/", frozenset({200})),
    "preview_unsubscribe": ("/p/{preview_token}/unsubscribe/", frozenset({200})),
    "brand_file": ("/b/{brand_id}/0.css", frozenset({200})),
    "shared": ("/shared/{shared_token}/", frozenset({200})),
    "digest_off": ("/digest-off/{digest_token}/", frozenset({200})),
}
#: Answers 404 to whatever is asked below /api/.
NOWHERE = frozenset({"api-nowhere"})


def _routes(resolver: URLResolver) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)


def test_every_route_is_listed_here() -> None:
    listed = set(PAGES) | set(API) | set(ADMIN_API) | set(QUESTIONNAIRE_API) | set(PUBLIC) | NOWHERE
    assert set(_routes(get_resolver())) | NOWHERE == listed


def test_every_route_has_a_name_of_its_own() -> None:
    names = list(_routes(get_resolver()))
    assert len(names) == len(set(names))


@pytest.fixture
def world(made: dict[str, object], settings: Any, tmp_path: Any) -> dict[str, object]:
    """What addresses are made of, and a mail in the inbox."""
    (tmp_path / "001.eml").write_text("Subject: x\n\nx")
    settings.CAUGHT_MAIL = tmp_path
    return made


@worlds.world
def made() -> dict[str, object]:
    """One object of each kind; none of them belongs to a lead, an agent or an owner."""
    policy = PolicyFactory()
    # With a sample case there, loading the sample is open to an admin and loads nothing.
    CaseFactory(is_sample=True)
    agent, cause = AgentFactory(), CauseFactory()
    resolution = ResolutionFactory(agents=[agent], cause=cause)
    invitation = InvitationFactory(resolution=resolution)
    brand, version, maker = BrandFactory(), invitation.version, UserFactory(password=NO_PASSWORD)
    preview, preview_token = preview_links.make(
        version.questionnaire, version, user=maker, days=1, now=timezone.now()
    )
    manager = UserFactory(role=MANAGER, password=NO_PASSWORD)
    link = links.make(manager, "/causes/", "", title="x", days=1, with_comments=False)
    digest = planning.subscribe(manager, "weekly", 8, timezone.now())
    wish = Wish("CRM", "https://crm.example.com/", ["invitation.sent"])
    webhook = endpoints.add(wish, timezone.now())
    kiosk = kiosks.make("Desk", maker, timezone.now())
    Kiosk.objects.update(
        invitation=invitation,
        visit="a-visit",
        has_begun=True,
        visit_until=timezone.now() + timedelta(days=1),  # longer than all that share this world
    )
    desk = connections.make("generic")
    return {
        "sessions": {role: _session(role) for role in Role},
        "invitation": invitation.pk,
        "kiosk": kiosk.pk,
        "webhook": webhook.pk,
        "told": endpoints.test(webhook, timezone.now()).pk,
        "kiosk_token": kiosks.token_of(kiosk),
        "visit": "a-visit",
        "view": views.save(manager, "x", "/causes/", "", is_shared=False).pk,
        "link": link.pk,
        "shared_token": links.token_of(link),
        "digest": digest.pk,
        "digest_token": planning.token_of(digest),
        "delivery": DeliveryFactory(invitation=invitation, status="unknown").pk,
        "handed": DeliveryFactory(channel="api").pk,
        "brand": brand.slug,
        "brand_id": brand.pk,
        "preview_link": preview.pk,
        "preview_token": preview_token,
        "agent": agent.pk,
        "agent_id": agent.external_id,
        "other_agent": AgentFactory().external_id,
        "user": maker.pk,
        "action": ActionFactory(cause=cause).pk,
        "follow_up": FollowUpFactory().pk,
        "desk": desk.slug,
        "call": HookDeliveryFactory(connection=desk).pk,
        "questionnaire": policy.questionnaire.slug,
        "cause": cause.code,
        "other_cause": CauseFactory().code,
        "cause_id": cause.pk,
        "cause_rule": cause_rule_list.add(
            cause_rule_list.Wish("tag", "equals", "vip", cause.code)
        ).pk,
        "agent_change": agent_identities.join(
            AgentFactory().external_id, AgentFactory().external_id, timezone.now()
        ).pk,
        "team_change": dimensions.rename("team", TeamFactory().name, "Renamed").pk,
        "product_change": dimensions.rename("product", ProductFactory().name, "Renamed").pk,
        "team": TeamFactory().pk,
        "other_team": TeamFactory().name,
        "product": ProductFactory().pk,
        "other_product": ProductFactory().name,
        "cause_change": causes.rename(cause.code, "Another name").pk,
        "case": resolution.case_id,
        "source": resolution.case.source,
        "external_id": resolution.case.external_id,
        "key": ApiKeyFactory(secret="sd_" + "k" * 40).pk,
        "suppression": SuppressionFactory().pk,
        "token": token_of(invitation.nonce),
    }


def _session(role: User.Role) -> str:
    """That of a signed-in user with a team, agent and cause of their own."""
    agent = AgentFactory(team=TeamFactory())
    user = UserFactory(role=role, team=agent.team, agent=agent, password=NO_PASSWORD)
    CauseFactory(owner=user)
    client = Client()
    client.force_login(user, BACKEND)
    return client.cookies["sessionid"].value


def _staff(role: User.Role, world: dict[str, Any]) -> Client:
    """A browser of the role that has asked for nothing yet."""
    client = Client()
    client.cookies["sessionid"] = world["sessions"][role]
    return client


def _ask(client: Client, page: Page, world: dict[str, object]) -> int:
    path = page.path.format(**world)
    return (client.post if page.posts else client.get)(path).status_code


def _undone(ask: Callable[[], int]) -> int:
    """What is answered; of what it changed nothing stays."""
    with transaction.atomic():
        status = ask()
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_to_its_roles_and_to_nobody_else(
    name: str, world: dict[str, object]
) -> None:
    page, wrong = PAGES[name], {}
    for role in Role:
        answer = _undone(lambda role=role: _ask(_staff(role, world), page, world))  # type: ignore[misc]
        if answer not in ({200, 302} if role in page.roles - page.not_theirs else {404}):
            wrong[role] = answer
    assert wrong == {}


@pytest.mark.parametrize("name", PAGES)
def test_who_is_nobody_is_sent_to_the_sign_in_page(name: str, world: dict[str, object]) -> None:
    """A stranger, a key of the API, a user who was switched off."""
    path = PAGES[name].path.format(**world)
    asked = Client().post(path) if PAGES[name].posts else Client().get(path)
    assert (asked.status_code, asked["Location"].split("?")[0]) == (302, "/login/")
    key = Client(headers={"Authorization": "Bearer sd_" + "k" * 40})
    switched_off = _staff(ADMIN, world)
    User.objects.update(is_active=False)
    assert [_ask(client, PAGES[name], world) for client in (key, switched_off)] == [302, 302]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_changes_something_wants_the_token_of_its_form(
    name: str, world: dict[str, object]
) -> None:
    page = PAGES[name]
    path = page.path.format(**world)
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role=ADMIN, password=NO_PASSWORD), BACKEND)
    answer = client.post(path).status_code
    if name in STORES_NOTHING:
        assert answer == 302
    else:
        assert answer in ({403} if page.posts or name == "policy" else {403, 405})
    if page.posts:  # and a GET changes nothing
        assert client.get(path).status_code == 405


@pytest.mark.parametrize("name", API)
def test_a_session_reads_of_the_api_what_its_role_may(name: str, world: dict[str, object]) -> None:
    endpoint, wrong = API[name], {}
    path = endpoint.path.format(**world)
    for role in Role:
        answer = _undone(lambda role=role: _staff(role, world).get(path).status_code)  # type: ignore[misc]
        expected = {404 if role in endpoint.not_theirs else endpoint.answer}
        if answer not in (expected if role in endpoint.roles else {403, 404}):
            wrong[role] = answer
    assert wrong == {}


@pytest.mark.parametrize("name", API)
def test_a_key_reads_of_the_api_what_its_scope_says(name: str, world: dict[str, object]) -> None:
    endpoint, wrong = API[name], {}
    for number, scope in enumerate(Scope.values):
        secret = f"sd_{number:040d}"
        ApiKeyFactory(secret=secret, scopes=[scope])
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        answer = client.get(endpoint.path.format(**world)).status_code
        is_open = scope in endpoint.scopes | {Scope.ADMIN}
        if answer != (endpoint.answer if is_open else 403):
            wrong[scope] = answer
    assert wrong == {}


@pytest.mark.parametrize(
    ("addresses", "scope", "roles"),
    [
        (ADMIN_API, Scope.ADMIN, ADMINS),
        (QUESTIONNAIRE_API, Scope.QUESTIONNAIRES_WRITE, EDITORS),
    ],
    ids=["admin", "questionnaires"],
)
def test_one_scope_opens_its_part_of_the_api(
    addresses: dict[str, tuple[str, int]],
    scope: str,
    roles: frozenset[User.Role],
    world: dict[str, object],
) -> None:
    """And its roles' sessions; nobody else reads there."""
    clients: dict[tuple[str, bool], Client] = {
        (role, role in roles): _staff(role, world) for role in Role
    }
    for number, each in enumerate(Scope.values):
        secret = f"sd_{number:040d}"
        ApiKeyFactory(secret=secret, scopes=[each])
        key = Client(headers={"Authorization": f"Bearer {secret}"})
        clients[each, each in (scope, Scope.ADMIN)] = key
    wrong: dict[tuple[str, str], int] = {}
    for name, (path, answer) in addresses.items():
        asked = f"/api/v1/{path.format(**world)}"
        for (who, is_open), client in clients.items():
            status = _undone(lambda c=client, a=asked: c.get(a).status_code)  # type: ignore[misc]
            if status != (answer if is_open else 403):
                wrong[name, who] = status
        if (status := Client().get(asked).status_code) != 401:
            wrong[name, "nobody"] = status
    assert wrong == {}


@pytest.mark.parametrize("name", API)
def test_nobody_reads_the_api_unasked(name: str, world: dict[str, object]) -> None:
    assert Client().get(API[name].path.format(**world)).status_code == 401


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_address_asks_nobody_who_they_are(name: str, world: dict[str, object]) -> None:
    path, answers = PUBLIC[name]
    assert Client().get(path.format(**world)).status_code in answers


@pytest.mark.parametrize(
    "path",
    [
        "/agents/999999/",
        "/causes/nothing/",
        "/causes/a/b/c/",
        "/cases/999999/",
        "/cases/desk/nothing/",
        "/demo/inbox/nothing/",
        "/policies/nothing/",
        "/nowhere/",
    ],
)
def test_what_does_not_exist_is_a_friendly_404(path: str, world: dict[str, object]) -> None:
    page = _staff(ADMIN, world).get(path)
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()
