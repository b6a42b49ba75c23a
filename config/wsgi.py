"""The web process's entry point."""

import multiprocessing
import os

from config.stack.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["STABLEDOOR_PROCESS"] = "web"  # its database connections give up early
if (
    multiprocessing.parent_process()
):  # a spawned worker of granian; a forked one is told at its fork
    die_with_parent()

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.urls import resolve  # noqa: E402 -- after the applications are loaded

resolve("/healthz")  # the URLconf is imported now, not while the first visitor waits

from config import between_requests, garbage  # noqa: E402 -- as above
from surveys.respondent import noticing  # noqa: E402 -- as above

noticing.begin()
between_requests.look_once()
garbage.settle()  # before granian forks: what is shared stays shared
