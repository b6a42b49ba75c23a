"""What the suite runs on is what its settings say."""

from __future__ import annotations

import os

from django.conf import settings


def test_settings_took_the_services_that_were_provided() -> None:
    """Loaded too early they would share one Redis database among all processes of the suite, and
    a test that has its cache forget everything would disturb another one."""
    assert os.environ["REDIS_URL"] == settings.REDIS_URL
    assert settings.CACHES["default"]["LOCATION"] == os.environ["REDIS_URL"]
