"""The addresses of the API that one scope alone opens, and what a GET is answered there: 405 where
there is nothing to read. Their tests stand with those of all addresses, in `test_routes`."""

from __future__ import annotations

from typing import Final

#: Scope `admin`, and the session of an admin.
ADMIN_API: Final[dict[str, tuple[str, int]]] = {
    "api-agent-list": ("agents/", 200),
    "api-agent": ("agents/{agent}/", 200),
    "api-join-agent": ("agents/{agent}/join/?into={other_agent}", 200),
    "api-agent-changes": ("agent-changes/", 200),
    "api-undo-agent": ("agent-changes/{agent_change}/undo/", 405),
    "api-bounces": ("bounces/", 200),
    "api-bounce-counts": ("bounces/counts/", 200),
    "api-cause-queue": ("cause-queue/", 200),
    "api-take-causes": ("cause-queue/take/", 405),
    "api-undo-taken-causes": ("cause-queue/undo/", 405),
    "api-cause-rules": ("cause-rules/", 200),
    "api-try-cause-rule": ("cause-rules/try/", 405),
    "api-cause-rule": ("cause-rules/{cause_rule}/", 200),
    "api-move-cause-rule": ("cause-rules/{cause_rule}/move/", 405),
    "api-apply-cause-rule": ("cause-rules/{cause_rule}/apply/", 200),
    "api-split-cause": ("causes/{cause}/split/?what=tag&how=equals&text=x&into=y", 200),
    "api-connection-access": ("connections/{desk}/access/", 200),
    "api-try-connection-access": ("connections/{desk}/access/try/", 405),
    "api-connection-notes": ("connections/{desk}/notes/", 200),
    "api-connection-notes-again": ("connections/{desk}/notes/again/", 405),
    "api-connection-events": ("connections/{desk}/events/", 200),
    "api-try-event-again": ("connections/{desk}/events/1/again/", 405),
    "api-erasures": ("erasures/", 405),
    "api-history-imports": ("history-imports/", 200),
    "api-remove-history": ("history-imports/remove/", 405),
    "api-history-ratings": ("history-ratings/", 200),
    "api-keys": ("keys/", 200),
    "api-revoke-key": ("keys/{key}/revoke/", 405),
    "api-kiosks": ("kiosks/", 200),
    "api-kiosk": ("kiosks/{kiosk}/", 200),
    "api-show-on-kiosk": ("kiosks/{kiosk}/show/", 405),
    **{
        name: (path.replace("DIMENSION", dimension), answer)
        for dimension in ("team", "product")
        for name, path, answer in (
            (f"api-{dimension}s", "DIMENSIONs/", 200),
            (f"api-{dimension}", "DIMENSIONs/{DIMENSION}/", 200),
            (
                f"api-merge-{dimension}",
                "DIMENSIONs/{DIMENSION}/merge/?into={other_DIMENSION}",
                200,
            ),
            (f"api-{dimension}-changes", "DIMENSION-changes/", 200),
            (f"api-undo-{dimension}", "DIMENSION-changes/{DIMENSION_change}/undo/", 405),
        )
    },
    "api-sample-data": ("sample-data/", 200),
    "api-saved-views": ("saved-views/", 200),
    "api-saved-view": ("saved-views/{view}/", 200),
    "api-restore-saved-view": ("saved-views/{view}/restore/", 405),
    "api-staff": ("staff/", 200),
    "api-one-of-staff": ("staff/{user}/", 200),
    "api-import-suppressions": ("suppressions/import/", 405),
    "api-suppression-changes": ("suppression-changes/", 200),
    "api-survey-links": ("survey-links/", 405),
    "api-unknown-mails": ("unknown-mails/", 200),
    "api-resend-unknown-mails": ("unknown-mails/resend/", 405),
    "api-resend-unknown-mail": ("unknown-mails/{delivery}/resend/", 405),
}
#: Scope `questionnaires:write`, and the sessions of admins and designers.
QUESTIONNAIRE_API: Final[dict[str, tuple[str, int]]] = {
    "api-brands": ("brands/", 200),
    "api-brand": ("brands/{brand}/", 200),
    **{
        name: (f"questionnaires/{{questionnaire}}/{path}", answer)
        for name, path, answer in (
            ("api-duplicate-questionnaire", "duplicate/", 405),
            ("api-archive-questionnaire", "archive/", 405),
            ("api-restore-questionnaire", "restore/", 405),
            ("api-undo-draft", "draft/undo/", 405),
            ("api-redo-draft", "draft/redo/", 405),
            ("api-review", "review/", 200),
            ("api-compare", "compare/?old=1&new=draft", 200),
            ("api-versions", "versions/", 200),
            ("api-restore-version", "versions/1/restore/", 405),
            ("api-preview-links", "links/", 200),
            ("api-revoke-link", "links/{preview_link}/revoke/", 405),
            ("api-test-mail", "test-mail/", 405),
            ("api-languages", "languages/", 200),
            ("api-language", "languages/de/", 200),
            ("api-require-language", "languages/de/require/", 405),
            ("api-fill-language", "languages/de/fill/", 405),
            ("api-import-translations", "translations/import/", 405),
        )
    },
}
