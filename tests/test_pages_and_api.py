"""What can be done on a page can be done by the API. A page that takes a form and stands in neither
table fails the suite: give it an operation, or a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from surveys.api.schema import Generator

#: Operations of the API that do together what each page does, by the name of the page's route.
DONE_BY: Final = {
    "action": "change_action",
    "add_suppression": "add_suppression",
    "apply_cause_rule": "apply_cause_rule",
    "assign_cause": "change_cause",
    "assign_follow_up": "assign_follow_up",
    "brand": "change_brand",
    "bring_back_connection": "restore_connection",
    "change_cause_rule": "change_cause_rule remove_cause_rule move_cause_rule",
    "change_translation_languages": "add_language remove_language require_language fill_language",
    "change_view": "change_saved_view",
    "choose_connection_notes": "change_connection",
    "close_follow_up": "close_follow_up",
    "connection_cause": "change_connection",
    "connection_fields": "change_connection",
    "connection_notes_again": "write_connection_notes_again",
    "connection_organization": "change_connection",
    "connection_statuses": "change_connection",
    "delete_connection": "remove_connection",
    "delete_policy": "remove_policy",
    "delete_view": "remove_saved_view",
    "describe_cause": "change_cause",
    "digest_off": "remove_digest",
    "digests": "add_digest change_digest",
    "do_webhook": "change_webhook remove_webhook rotate_webhook_secret test_webhook",
    "duplicate_policy": "duplicate_policy",
    "forget_connection_api": "forget_connection_access",
    "import_suppressions": "import_suppressions",
    "import_translations": "import_translations",
    "join_agents": "join_agent",
    "keep_cause": "keep_cause",
    "kiosks": "add_kiosk",
    "lift_suppression": "lift_suppression",
    "links": "add_share_link",
    "load_sample_data": "load_sample_data",
    "merge_cause": "merge_cause",
    "merge_dimension": "merge_team merge_product",
    "move_policy": "move_policy",
    "new_action": "add_action",
    "new_brand": "add_brand",
    "new_connection": "add_connection",
    "new_policy": "add_policy try_policy",
    "place_cause": "change_cause",
    "policy": "change_policy try_policy",
    "questionnaire_archive": "archive_questionnaire",
    "questionnaire_bring_back": "restore_questionnaire",
    "questionnaire_duplicate": "duplicate_questionnaire",
    "questionnaire_edit": "write_draft undo_draft redo_draft",
    "questionnaire_import": "begin_questionnaire write_draft",
    "questionnaire_import_draft": "write_draft",
    "questionnaire_links": "add_preview_link",
    "questionnaire_new": "begin_questionnaire",
    "questionnaire_publish": "publish_questionnaire",
    "questionnaire_rename": "rename_questionnaire",
    "questionnaire_restore": "restore_version",
    "questionnaire_test_send": "send_test_mail",
    "questionnaire_use": "change_policy",
    "remove_brand": "remove_brand",
    "remove_import": "remove_history_import",
    "remove_sample_data": "remove_sample_data",
    "rename_cause": "change_cause",
    "rename_connection": "change_connection",
    "rename_dimension": "change_team change_product",
    "reopen_follow_up": "reopen_follow_up",
    "replay_call": "replay_connection_delivery",
    "resend_all_unknown": "resend_unknown_mails",
    "resend_unknown": "resend_unknown_mail",
    "resend_webhook_delivery": "resend_webhook_delivery",
    "restore_action": "restore_action",
    "restore_view": "restore_saved_view",
    "retire_secret": "retire_connection_secret",
    "revoke_key": "revoke_key",
    "revoke_kiosk": "revoke_kiosk",
    "revoke_link": "revoke_share_link",
    "revoke_preview_link": "revoke_preview_link",
    "rotate_secret": "rotate_connection_secret",
    "save_cause_rule": "add_cause_rule change_cause_rule try_cause_rule",
    "save_translations": "write_translations",
    "set_connection_api": "set_connection_access",
    "show_on_kiosk": "show_on_kiosk",
    "split_cause": "split_cause",
    "stop_digest": "remove_digest",
    "survey_link": "hand_over_survey",
    "switch_connection": "change_connection",
    "switch_policy": "change_policy",
    "take_suggestions": "take_waiting_causes",
    "try_case": "take_cases",
    "try_connection_api": "try_connection_access",
    "try_event_again": "try_connection_event_again",
    "undo_agent_join": "undo_agent_change",
    "undo_cause_change": "undo_cause_change",
    "undo_connection_cause": "change_connection",
    "undo_dimension_change": "undo_team_change undo_product_change",
    "undo_taken": "undo_taken_causes",
    "views": "add_saved_view",
    "webhook": "change_webhook",
    "webhooks": "add_webhook",
    "withdraw_action": "withdraw_action",
}
_CUSTOMER: Final = "a customer's own page, for whom an answer by a program would be no answer"
_SHOWS: Final = "shows something and stores nothing"
_SESSION: Final = "a key needs no session"
NOT_BY_THE_API: Final = {
    "brand_preview": _SHOWS,
    "done": _CUSTOMER,
    "hook": "takes a helpdesk's calls in the helpdesk's own form; take_cases is the API's",
    "kiosk": _CUSTOMER,
    "kiosk_done": _CUSTOMER,
    "kiosk_end": _CUSTOMER,
    "kiosk_survey": _CUSTOMER,
    "login": _SESSION,
    "logout": _SESSION,
    "preview": _SHOWS,
    "preview_shared": _SHOWS,
    "preview_test": _SHOWS,
    "preview_unsubscribe": _SHOWS,
    "questionnaire_preview": _SHOWS,
    "show_checklist": "a list that one reader hides from their own overview",
    "survey": _CUSTOMER,
    "unsubscribe": _CUSTOMER,
}


def _routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns or get_resolver().url_patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        else:
            yield path, pattern


def _takes_posts(pattern: URLPattern) -> bool:
    """A page of staff refuses a method that it does not know before it looks at anything else, and
    says which it takes."""
    kwargs: dict[str, Any] = dict.fromkeys(pattern.pattern.converters, "x")
    answer = pattern.callback(RequestFactory().generic("PROPFIND", "/"), **kwargs)
    assert answer.status_code == 405, f"{pattern.name} takes any method"
    return "POST" in answer["Allow"]


def test_what_a_page_does_the_api_does() -> None:
    pages = {str(found.name): found for path, found in _routes() if not path.startswith("api/")}
    assert NOT_BY_THE_API.keys() <= pages.keys()
    asked = pages.keys() - NOT_BY_THE_API.keys()
    assert {name for name in asked if _takes_posts(pages[name])} == set(DONE_BY)


def test_the_operations_that_are_named_exist() -> None:
    schema = Generator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    changing = {
        operation["operationId"]
        for operations in schema["paths"].values()
        for method, operation in operations.items()
        if method in ("post", "put", "patch", "delete")
    }
    assert {name for names in DONE_BY.values() for name in names.split()} <= changing
