"""The project: settings, URLs, the Celery application and the one-command supervisor."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
