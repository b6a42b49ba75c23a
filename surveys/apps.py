from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """What happens to one case: it arrives, is surveyed, is answered."""

    name = "surveys"
