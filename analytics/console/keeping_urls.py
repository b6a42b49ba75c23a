"""Addresses of what readers keep of the reports: views, links, PDFs, digests."""

from django.urls import path, re_path

from analytics.console import digests, links, printed, saved_views, shared

urlpatterns = [
    re_path(r"^pdf(?P<path>/.*)$", printed.report_pdf, name="report_pdf"),
    path("settings/views/", saved_views.saved_views, name="views"),
    path("settings/views/<int:pk>/", saved_views.change_view, name="change_view"),
    path("settings/views/<int:pk>/delete/", saved_views.delete_view, name="delete_view"),
    path("settings/views/<int:pk>/restore/", saved_views.restore_view, name="restore_view"),
    path("settings/links/", links.share_links, name="links"),
    path("settings/links/preview/", links.preview_link, name="preview_shared"),
    path("settings/links/<int:pk>/revoke/", links.revoke_link, name="revoke_link"),
    path("settings/digests/", digests.digests, name="digests"),
    path("settings/digests/<int:pk>/stop/", digests.stop_digest, name="stop_digest"),
    # Without a login: the link is the only authority.
    path("shared/<str:token>/", shared.shared, name="shared"),
    path("digest-off/<str:token>/", digests.digest_off, name="digest_off"),
]
