from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What many answers mean together."""

    name = "analytics"

    def ready(self) -> None:
        """Cases and their causes know nothing of actions; the sample of both is loaded as one."""
        from analytics import actions
        from surveys.services.sample_signals import loaded, removed

        loaded.connect(
            lambda now, **_: actions.load_sample(now), weak=False, dispatch_uid="actions"
        )
        removed.connect(lambda **_: actions.remove_sample(), weak=False, dispatch_uid="actions")
