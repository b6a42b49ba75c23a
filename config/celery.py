"""The Celery application and, in the open, everything that beat wakes."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("stabledoor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
