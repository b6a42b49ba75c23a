"""The project: settings, URLs, the Celery application and the one-command supervisor."""

import os

# Before anything loads numpy: the cores belong to several processes, and threads of linear algebra
# that wait for each other on busy cores make a small matrix take ten times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from config.celery import app as celery_app

__all__ = ["celery_app"]
