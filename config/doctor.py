"""Examines an installation: every dependency, every setting, and for each fault its mend."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from config import health
from config.esp import PROVIDERS
from config.findings import Finding, Status
from config.mail_dns import dkim, dmarc, spf
from config.preparing import unapplied
from config.stack.home import Home
from config.stack.postgres import OLDEST
from surveys import channels
from surveys.channels import CHANNELS
from surveys.channels.base import BY_NUMBER, Unreachable
from surveys.channels.gateway import gateway_of
from surveys.models import Delivery, WebhookEndpoint
from surveys.services import report_mailbox

GIGABYTE = 1024**3
SHORTEST_KEY = 32
LOCAL = {"localhost", "127.0.0.1", "::1"}


def examine() -> Iterator[Finding]:
    """Every check in the order in which their faults hide each other."""
    for name, check in CHECKS.items():
        try:
            yield check()
        except DatabaseError:
            found = "cannot be examined without the database"
            yield Finding(name, "fault", found, "mend the database first, then ask again")


def python() -> Finding:
    """For the report: an older Python than 3.11 could not have loaded this."""
    return Finding("python", "ok", sys.version.split()[0])


def database() -> Finding:
    found = connection.settings_dict
    where = f"{found['NAME']} at {found['HOST'] or 'the local socket'}"
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        why = " ".join(str(error).split())
        return Finding("database", "fault", why, "check DATABASE_URL and whether the server runs")
    major = connection.cursor().connection.info.server_version // 10_000
    if major < OLDEST:
        mend = f"upgrade the server to PostgreSQL {OLDEST} or newer"
        return Finding("database", "fault", f"PostgreSQL {major}, {where}", mend)
    return Finding("database", "ok", f"PostgreSQL {major}, {where}")


def durability() -> Finding:
    """Promise 2: an acknowledged answer is never lost."""
    found = {name: _shown(name) for name in ("synchronous_commit", "fsync", "full_page_writes")}
    off = [name for name, value in found.items() if value in {"off", "local"}]
    if off:
        mend = f"set {off[0]} = on in the server's configuration; answers could be lost at a crash"
        return Finding("durability", "fault", f"{', '.join(off)} off", mend)
    return Finding("durability", "ok", "a commit is on disk before it is acknowledged")


def encoding() -> Finding:
    found = _shown("server_encoding")
    if found != "UTF8":
        return Finding("encoding", "fault", found, "create the database with encoding UTF8")
    return Finding("encoding", "ok", found)


def _shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def migrations() -> Finding:
    missing = unapplied()
    if missing:
        found = f"{len(missing)} not applied, first {missing[0]}"
        return Finding("migrations", "fault", found, "run: manage.py migrate")
    return Finding("migrations", "ok", "all applied")


def broker() -> Finding:
    try:
        health.broker()
    except health.PartFailsError as error:
        mend = (
            "check REDIS_URL; until then no mail leaves and no report moves, but no answer is lost"
        )
        return Finding("broker", "fault", str(error), mend)
    return Finding("broker", "ok", "Redis" if settings.REDIS_URL else "a directory of the home")


def mail() -> Finding:
    if settings.EMAIL_ESP:
        name = PROVIDERS[settings.EMAIL_ESP].name
        if settings.EMAIL_WEBHOOK_SECRET:
            hears = f"{settings.SITE_URL}/api/mail-events/"
            return Finding("mail", "ok", f"by {name}, which tells {hears}")
        mend = "set EMAIL_WEBHOOK_SECRET, and the address /api/mail-events/ at the provider"
        return Finding("mail", "warn", f"by {name}; what bounces there is not heard of", mend)
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connect = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
    try:
        with connect(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=5) as server:
            server.ehlo()
            if settings.EMAIL_USE_TLS:
                server.starttls()
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except (OSError, smtplib.SMTPException) as error:
        mend = "check host, port, tls, user and password in EMAIL_URL"
        return Finding("mail", "fault", f"{where}: {error}", mend)
    if settings.CAUGHT_MAIL:
        return Finding("mail", "ok", f"caught in {settings.CAUGHT_MAIL}, nothing is sent out")
    return Finding("mail", "ok", where)


def gateways() -> Finding:
    """Whether short messages can leave, and wait for no gateway that is not there."""
    found, faults = [], []
    for name in BY_NUMBER:
        variable = CHANNELS[name].needs
        try:
            if channels.is_configured(name):
                found.append(f"{name} {gateway_of(name).check()}")
            elif Delivery.objects.filter(channel=name, status="queued").exists():
                faults.append(f"{name} messages wait and {variable} is not set")
        except Unreachable as error:
            faults.append(f"{variable}: {error}")
    if faults:
        mend = "check account, token and sender in the variable; see docs/channels.md"
        return Finding("gateways", "fault", "; ".join(faults), mend)
    return Finding("gateways", "ok", "; ".join(found) or "none, no SMS and no WhatsApp is sent")


def webhooks() -> Finding:
    """Whether outgoing events stay outside, and arrive."""
    if settings.WEBHOOK_ALLOW_PRIVATE:
        mend = "unset WEBHOOK_ALLOW_PRIVATE; an endpoint may else be any machine of your network"
        return Finding("webhooks", "warn", "private addresses are allowed", mend)
    off = list(WebhookEndpoint.objects.exclude(disabled_at=None).values_list("name", flat=True))
    if off:
        mend = "mend the receiver, then resume it under Settings, Webhooks"
        return Finding("webhooks", "warn", f"switched off: {', '.join(off)}", mend)
    n_told = WebhookEndpoint.objects.count()
    return Finding("webhooks", "ok", f"{n_told} endpoint{'' if n_told == 1 else 's'}")


def sender() -> Finding:
    if not settings.CAUGHT_MAIL and "@localhost" in settings.DEFAULT_FROM_EMAIL:
        mend = "set DEFAULT_FROM_EMAIL to a mailbox of your own domain"
        return Finding("sender", _unless_trying_out(), settings.DEFAULT_FROM_EMAIL, mend)
    return Finding("sender", "ok", settings.DEFAULT_FROM_EMAIL)


def bounces() -> Finding:
    """Whether mails come back to us, and somebody reads what does."""
    has_door = bool(report_mailbox.is_configured() or settings.BOUNCE_LISTENER)
    if not settings.BOUNCE_ADDRESS:
        if has_door:
            found = "what comes back is read, but mails leave without a return path of ours"
            return Finding("bounces", "fault", found, "set BOUNCE_ADDRESS, or unset its doors")
        found = "not read: mails come back to DEFAULT_FROM_EMAIL"
        mend = "set BOUNCE_ADDRESS, and IMAP_URL or BOUNCE_LISTENER; see docs/bounces.md"
        return Finding("bounces", "ok" if settings.CAUGHT_MAIL else "warn", found, mend)
    if not has_door:
        mend = "set IMAP_URL or BOUNCE_LISTENER; else the same dead addresses are tried for ever"
        return Finding("bounces", "fault", f"nobody reads {settings.BOUNCE_ADDRESS}", mend)
    if report_mailbox.is_configured():
        try:
            with report_mailbox.session() as mailbox:
                waiting = len(mailbox.numbers())
        except report_mailbox.MailboxError as error:
            mend = "check host, port, user, password and folder in IMAP_URL"
            return Finding("bounces", "fault", str(error), mend)
        if not settings.BOUNCE_LISTENER:
            return Finding("bounces", "ok", f"{settings.BOUNCE_ADDRESS}, {waiting} in its mailbox")
    return _listener()


def _listener() -> Finding:
    where = urlsplit(settings.BOUNCE_LISTENER)
    try:
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=5):
            pass
    except OSError as error:
        mend = "start manage.py receive_bounces; `up` starts it where BOUNCE_LISTENER is set"
        return Finding("bounces", "warn", f"{settings.BOUNCE_LISTENER}: {error}", mend)
    return Finding("bounces", "ok", f"{settings.BOUNCE_ADDRESS} at {settings.BOUNCE_LISTENER}")


def _unless_trying_out() -> Status:
    """A fault, but for whoever mails to a server of this very machine."""
    return "warn" if settings.EMAIL_HOST in LOCAL else "fault"


def site_url() -> Finding:
    url = urlsplit(settings.SITE_URL)
    found = settings.SITE_URL
    if url.hostname in LOCAL | {"0.0.0.0", "::"}:  # noqa: S104 -- compared with, not bound to
        if settings.CAUGHT_MAIL:
            return Finding("site_url", "ok", f"{found}, for trying out on this machine")
        mend = "set SITE_URL to the address customers reach; links in mails begin with it"
        return Finding("site_url", _unless_trying_out(), found, mend)
    if url.scheme != "https":
        return Finding("site_url", "warn", found, "serve it by https and set SITE_URL accordingly")
    return Finding("site_url", "ok", found)


def allowed_hosts() -> Finding:
    if "*" in settings.ALLOWED_HOSTS:
        mend = "name the hosts in ALLOWED_HOSTS; a forged Host header is believed otherwise"
        return Finding("allowed_hosts", "warn", "every host", mend)
    return Finding("allowed_hosts", "ok", ", ".join(settings.ALLOWED_HOSTS))


def secret_key() -> Finding:
    key = settings.SECRET_KEY
    if len(key) < SHORTEST_KEY or len(set(key)) < SHORTEST_KEY // 4:
        mend = "set SECRET_KEY to 48 random characters; whoever guesses it can forge survey links"
        return Finding("secret_key", "fault", f"{len(key)} characters, easily guessed", mend)
    return Finding("secret_key", "ok", f"{len(key)} characters")


def debug() -> Finding:
    if settings.DEBUG:
        mend = "unset DEBUG; its error pages show settings and data"
        return Finding("debug", "warn", "on", mend)
    return Finding("debug", "ok", "off")


def disk() -> Finding:
    place = settings.HOME if settings.HOME.exists() else settings.BASE_DIR
    free = shutil.disk_usage(place).free / GIGABYTE
    found = f"{free:.1f} GB free at {place}"
    if free < 1:
        status: Status = "fault" if free < 0.1 else "warn"
        return Finding("disk", status, found, "free some space; a full disk stops the database")
    return Finding("disk", "ok", found)


def clock() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - timezone.now())
    found = f"{apart.total_seconds():.1f} s apart from the database's"
    if apart > timedelta(seconds=5):
        return Finding("clock", "warn", found, "synchronise both machines' clocks, as with chrony")
    return Finding("clock", "ok", found)


def time_zones() -> Finding:
    try:
        ZoneInfo("America/Argentina/Buenos_Aires")
    except ZoneInfoNotFoundError:
        return Finding("time_zones", "fault", "no time zone data", "install the package tzdata")
    return Finding("time_zones", "ok", "known")


def beat() -> Finding:
    """Informational while nothing runs: whoever asks may not have started anything yet."""
    seen = health.beat_seen_at()
    if seen and timezone.now() - seen < health.BEAT_SILENT_AFTER:
        return Finding("beat", "ok", f"seen at {seen:%H:%M:%S} UTC")
    found = f"last seen at {seen:%Y-%m-%d %H:%M} UTC" if seen else "never seen"
    services = Home(settings.HOME).services()
    if services and services.owner.pid == os.getpid():
        return Finding("beat", "ok", f"{found}; nothing runs at the moment, `up` starts it")
    mend = "start beat and a worker, or look into their logs: without them no mail leaves"
    return Finding("beat", "warn", found, mend)


CHECKS: dict[str, Callable[[], Finding]] = {
    check.__name__: check
    for check in (
        python, database, durability, encoding, migrations, broker, mail, gateways, webhooks,
        sender, bounces, spf, dkim, dmarc, site_url, allowed_hosts, secret_key, debug, disk, clock,
        time_zones, beat,
    )
}  # fmt: skip
