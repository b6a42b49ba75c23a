"""Addresses of the staff pages about cases, set-up and signing in."""

from django.urls import path

from surveys.console import (
    bounce_pages,
    cases,
    hand_over,
    inbox,
    landing,
    owners,
    sample,
    sign_in,
    suppression_pages,
    taxonomy,
    team,
    unknown,
    webhook_pages,
)

urlpatterns = [
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/<int:pk>/", cases.one_case, name="case"),
    path("cases/<str:source>/<path:external_id>/", cases.one_case, name="case_by_id"),
    path("surveys/<int:pk>/link/", hand_over.survey_link, name="survey_link"),
    path("surveys/<int:pk>/kiosk/", hand_over.show_on_kiosk, name="show_on_kiosk"),
    path("settings/kiosks/", hand_over.kiosk_list, name="kiosks"),
    path("settings/kiosks/<int:pk>/revoke/", hand_over.revoke_kiosk, name="revoke_kiosk"),
    path("demo/inbox/", inbox.inbox, name="inbox"),
    path("demo/inbox/count/", inbox.inbox_count, name="inbox_count"),
    path("demo/inbox/<str:name>/", inbox.one_mail, name="mail"),
    path("demo/inbox/<str:name>/html/", inbox.mail_document, name="mail_document"),
    path("demo/case/", inbox.try_case, name="try_case"),
    path("demo/sample/load/", sample.load, name="load_sample_data"),
    path("demo/sample/remove/", sample.remove, name="remove_sample_data"),
    path("connections/", landing.connections, name="connections"),
    path("deliverability/unknown/<int:pk>/resend/", unknown.resend, name="resend_unknown"),
    path("follow-ups/", landing.follow_ups, name="follow_ups"),
    path("settings/", team.settings_page, name="settings"),
    path("settings/causes/", taxonomy.cause_list, name="cause_list"),
    path("settings/causes/<int:pk>/", taxonomy.one_cause, name="change_cause"),
    path("settings/causes/<int:pk>/rename/", taxonomy.rename_cause, name="rename_cause"),
    path("settings/causes/<int:pk>/keep/", taxonomy.keep_cause, name="keep_cause"),
    path("settings/causes/<int:pk>/merge/", taxonomy.merge_cause, name="merge_cause"),
    path("settings/causes/changes/<int:pk>/undo/", taxonomy.undo_change, name="undo_cause_change"),
    path("settings/causes/<int:pk>/owner/", owners.assign, name="assign_cause"),
    path("settings/bounces/", bounce_pages.bounces, name="bounces"),
    path("settings/suppressions/", suppression_pages.suppressions, name="suppressions"),
    path("settings/suppressions/add/", suppression_pages.add_suppression, name="add_suppression"),
    path(
        "settings/suppressions/import/",
        suppression_pages.import_suppressions,
        name="import_suppressions",
    ),
    path(
        "settings/suppressions/export.csv",
        suppression_pages.export_suppressions,
        name="export_suppressions",
    ),
    path("settings/suppressions/<int:pk>/", suppression_pages.one_suppression, name="suppression"),
    path(
        "settings/suppressions/<int:pk>/lift/",
        suppression_pages.lift_suppression,
        name="lift_suppression",
    ),
    path("settings/webhooks/", webhook_pages.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", webhook_pages.one_webhook, name="webhook"),
    path(
        "settings/webhooks/<int:pk>/<str:action>/", webhook_pages.do_to_webhook, name="do_webhook"
    ),
    path(
        "settings/webhooks/<int:pk>/deliveries/<int:number>/",
        webhook_pages.one_delivery,
        name="webhook_delivery",
    ),
    path(
        "settings/webhooks/<int:pk>/deliveries/<int:number>/resend/",
        webhook_pages.resend_delivery,
        name="resend_webhook_delivery",
    ),
    path("settings/keys/<int:pk>/revoke/", team.revoke_key, name="revoke_key"),
]
