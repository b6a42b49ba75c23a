from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What many answers mean together."""

    name = "analytics"
