"""Every address of the product, by who uses it."""

from django.urls import URLPattern, URLResolver, include, path

from config import health
from surveys.api.hooks import hook
from surveys.api.urls import fallback

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("surveys.respondent.urls")),  # first: customers come in crowds
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/", include("surveys.api.urls")),
    path("api/", include("analytics.api.urls")),
    path("api/", include(fallback)),
    path("hooks/<str:slug>/", hook, name="hook"),
    path("", include("surveys.builder.urls")),
    path("", include("surveys.console.urls")),
    path("", include("analytics.console.urls")),
    path("", include("analytics.console.keeping_urls")),
]

handler400 = "config.middleware.refused"
handler500 = "config.middleware.broken"
