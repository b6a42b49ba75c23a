"""Settings, driven by the environment alone: `config/env.py` holds the table of what can be set."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config import env, esp, logs
from config.stack.home import Home

BASE_DIR = Path(__file__).resolve().parent.parent
try:
    VALUES = env.load(os.environ)
except env.ConfigurationError as error:
    raise SystemExit(f"stabledoor: {error}") from None

HOME: Path = VALUES["STABLEDOOR_HOME"] or BASE_DIR / ".stabledoor"
# What `manage.py` or the supervisor started for this home, where the environment names nothing.
_embedded = Home(HOME).services()

HOST: str = VALUES["HOST"] or "127.0.0.1"
PORT: int = VALUES["PORT"] or 8000
SITE_URL: str = (
    VALUES["SITE_URL"] or (_embedded.site_url if _embedded else None) or env.address_of(HOST, PORT)
)
_site = urlsplit(SITE_URL)
# localhost stays allowed, so that the health checks of this machine always get an answer.
ALLOWED_HOSTS: list[str] = [
    *dict.fromkeys(
        ["localhost", "127.0.0.1", "[::1]"]
        + (VALUES["ALLOWED_HOSTS"] or [env.bracketed(HOST), env.bracketed(_site.hostname or HOST)])
    )
]

SECRET_KEY: str = (
    VALUES["SECRET_KEY"] or Home(HOME).known_secret("secret_key") or secrets.token_urlsafe(48)
)
SECRET_KEY_FALLBACKS: list[str] = VALUES["SECRET_KEY_FALLBACKS"] or []
DEBUG: bool = VALUES["DEBUG"] or False
METRICS: bool = VALUES["METRICS"] or False
BEHIND_PROXY: bool = VALUES["BEHIND_PROXY"] or False
COMPANY_NAME: str = VALUES["COMPANY_NAME"] or "Stabledoor Telecom"
COMPANY_TIME_ZONE: str = VALUES["COMPANY_TIME_ZONE"] or "UTC"
FOLLOW_UP_DAYS: int = 2 if VALUES["FOLLOW_UP_DAYS"] is None else VALUES["FOLLOW_UP_DAYS"]
DEFAULT_FROM_EMAIL: str = VALUES["DEFAULT_FROM_EMAIL"] or "Stabledoor <survey@localhost>"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config",
    "surveys",
    "analytics",
]

MIDDLEWARE = [
    "config.middleware.body_read_to_its_end",
    "config.middleware.unavailable_database",
    "config.middleware.address_behind_proxy",
    "django.middleware.security.SecurityMiddleware",
    "config.staff_middleware.customers_first",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.staff_middleware.ContentSecurityPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.staff_middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.staff_middleware.SignIn",
    "config.staff_middleware.Messages",
    "config.staff_middleware.Htmx",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {
                "figures": "surveys.console.figures",
                "reports": "analytics.console.tags",
            },
        },
    }
]

# Without services nothing listens there, and a command that needs the database says so.
_nowhere = f"postgres://stabledoor@/stabledoor?host={HOME / 'run' / 's'}"
_database = VALUES["DATABASE_URL"] or env.database(
    (_embedded and _embedded.database_url) or _nowhere
)
_libpq = {"connect_timeout": "5", "application_name": "stabledoor"} | _database["OPTIONS"]
if os.environ.get("STABLEDOOR_PROCESS") == "web":
    # Nobody waits longer for a page: a slow database is answered with 503, the worker is free
    # again.
    _libpq["options"] = "-c statement_timeout=4500 -c lock_timeout=4000"
DATABASES = {
    "default": _database
    | {
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _libpq | {"server_side_binding": True, "prepare_threshold": 1},
    }
}

# None: neither a Redis is configured nor a redis-server found; jobs then go through a directory.
REDIS_URL: str | None = VALUES["REDIS_URL"] or (_embedded.redis_url if _embedded else None)
CACHES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

_mail: env.Mail | None = VALUES["EMAIL_URL"]
if _mail is None and _embedded and _embedded.email_url:
    _mail = env.email(_embedded.email_url)
EMAIL_HOST = _mail.host if _mail else "127.0.0.1"
EMAIL_PORT = _mail.port if _mail else 25
EMAIL_HOST_USER = _mail.user if _mail else ""
EMAIL_HOST_PASSWORD = _mail.password if _mail else ""
EMAIL_USE_TLS = bool(_mail and _mail.security == "starttls")
EMAIL_USE_SSL = bool(_mail and _mail.security == "ssl")
EMAIL_TIMEOUT = 20
EMAIL_ESP: str = _mail.esp if _mail else ""
EMAIL_WEBHOOK_SECRET: str = VALUES["EMAIL_WEBHOOK_SECRET"] or ""
ANYMAIL: dict[str, object] = (
    esp.anymail(
        EMAIL_ESP, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_HOST, _mail.api_url,
        EMAIL_WEBHOOK_SECRET, SITE_URL,
    )
    if _mail and _mail.esp
    else {}
)  # fmt: skip
# Gateways of short messages by channel (`surveys/channels/gateway.py`).
GATEWAYS: dict[str, dict[str, str]] = {
    name.removesuffix("_URL").lower(): {"variable": name, **asdict(VALUES[name])}
    for name in ("SMS_URL", "WHATSAPP_URL")
    if VALUES[name]
}
DKIM_SELECTOR: str = VALUES["DKIM_SELECTOR"] or ""
# Mails a second by domain, "" for all of them together.
MAIL_LIMITS: dict[str, float] = VALUES["MAIL_LIMITS"] or {}
# Short messages a second by channel.
MESSAGE_LIMITS: dict[str, float] = VALUES["MESSAGE_LIMITS"] or {}
# Outgoing events reach the public internet alone (`surveys/services/outgoing/addresses.py`).
WEBHOOK_ALLOW_PRIVATE: bool = VALUES["WEBHOOK_ALLOW_PRIVATE"] or False
# Where mails come back to, signed for each (`surveys/services/return_paths.py`), and the doors
# that bring in what comes back.
BOUNCE_ADDRESS: str = VALUES["BOUNCE_ADDRESS"] or ""
_inbox: env.Mail | None = VALUES["IMAP_URL"]
IMAP_HOST = _inbox.host if _inbox else ""
IMAP_PORT = _inbox.port if _inbox else 0
IMAP_USER = _inbox.user if _inbox else ""
IMAP_PASSWORD = _inbox.password if _inbox else ""
IMAP_SECURITY = _inbox.security if _inbox else ""
IMAP_FOLDER = _inbox.folder if _inbox else ""
IMAP_TIMEOUT = 20
_listener: env.Listener | None = VALUES["BOUNCE_LISTENER"]
BOUNCE_LISTENER: str = _listener.url if _listener else ""
# Where mail is caught instead of sent; the inbox of a trial installation shows it to staff.
CAUGHT_MAIL: Path | None = None if VALUES["EMAIL_URL"] else HOME / "mail"

AUTH_USER_MODEL = "surveys.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
# Who guesses is shut out for that account from that address: nobody else is, not even its owner.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"  # axes would look for USERNAME_FIELD, and count nobody
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "console/locked_out.html"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
# Hashed names once `collectstatic` has run (`up` and the image do it), sources before and with
# DEBUG.
_collected = (STATIC_ROOT / "staticfiles.json").exists() and not DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.static.StaticFiles"
        if _collected or sys.argv[1:2] == ["collectstatic"]
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _collected
WHITENOISE_AUTOREFRESH = DEBUG

_secure = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Stabledoor",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
}

# A task only wakes a worker: the queue of record is the database, so losing all of Redis loses
# nothing. An edge that cannot reach the broker gives up at once, for beat wakes the workers anyway.
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
        "?db=", "?virtual_host="
    )
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "visibility_timeout": 3600,
        # Left out, kombu sleeps two seconds and then four before it gives up.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }
else:
    _broker = (_embedded and _embedded.broker_directory) or str(HOME / "broker")
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _broker,
        "data_folder_out": _broker,
        "control_folder": f"{_broker}/control",
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "surveys.heartbeat", "schedule": 5.0, "options": {"expires": 5}},
    "dispatch": {"task": "surveys.dispatch_due", "schedule": 5.0, "options": {"expires": 5}},
    "messages": {"task": "surveys.dispatch_messages", "schedule": 5.0, "options": {"expires": 5}},
    "webhooks": {"task": "surveys.send_webhooks", "schedule": 5.0, "options": {"expires": 5}},
    "expire": {"task": "surveys.expire_due", "schedule": 60.0, "options": {"expires": 60}},
    # It may wait behind a slice of dispatch in each process, and must not go stale meanwhile.
    "aggregate": {"task": "analytics.aggregate", "schedule": 2.0, "options": {"expires": 10}},
    "signals": {"task": "analytics.raise_signals", "schedule": 900.0, "options": {"expires": 300}},
    "digests": {"task": "analytics.send_digests", "schedule": 60.0, "options": {"expires": 60}},
    "reports": {"task": "surveys.read_reports", "schedule": 60.0, "options": {"expires": 60}},
    "hooks": {"task": "surveys.take_hook_events", "schedule": 3.0, "options": {"expires": 5}},
    "ask-helpdesks": {"task": "surveys.ask_helpdesks", "schedule": 5.0, "options": {"expires": 5}},
    "write-back": {"task": "surveys.write_back", "schedule": 10.0, "options": {"expires": 10}},
    "tidy-hooks": {"task": "surveys.tidy_hooks", "schedule": 60.0, "options": {"expires": 60}},
    "forget": {"task": "surveys.forget_replies", "schedule": 3600.0, "options": {"expires": 600}},
    "forget-webhooks": {
        "task": "surveys.forget_webhooks",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "forget-openings": {
        "task": "surveys.forget_openings",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
}

LOGGING = logs.configuration(VALUES["LOG_LEVEL"] or "INFO")
if VALUES["SENTRY_DSN"]:
    logs.report_errors_to(VALUES["SENTRY_DSN"])
