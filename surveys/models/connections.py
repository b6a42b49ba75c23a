"""Helpdesks that tell of their cases by webhook: how they are known, what they sent, what waits."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone

TAG_PREFIX = "stabledoor"


class Connection(models.Model):
    """One helpdesk. `slug` is the part of its address that nobody guesses, and the source of its
    cases; what proves a call genuine is the secret.

    Secrets are sealed with a key outside the database (`surveys/services/sealing.py`). While one is
    rotated the former one is valid too.
    """

    kind = models.CharField(max_length=20)
    slug = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    secret = models.BinaryField()
    former_secret = models.BinaryField(null=True, blank=True)
    secret_since = models.DateTimeField(default=timezone.now)
    # The helpdesk's own status, by id or name, to "resolved", "open" or "ignored".
    statuses = models.JSONField(default=dict, blank=True)
    # Where the cause stands in the body; null in the second: there is nothing to go back to.
    cause_path = models.CharField(max_length=200, blank=True)
    cause_path_before = models.CharField(max_length=200, null=True, blank=True)
    fields = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    # Whether ratings are written into the helpdesk as private notes, and with what was written;
    # as tags that begin so; as numbers in fields of the helpdesk, by their ids there.
    writes_back = models.BooleanField(default=False)
    writes_comments = models.BooleanField(default=False)
    writes_tags = models.BooleanField(default=False, db_default=False)
    tag_prefix = models.CharField(max_length=17, default=TAG_PREFIX, db_default=TAG_PREFIX)
    fix_field = models.CharField(max_length=100, blank=True, default="", db_default="")
    cause_field = models.CharField(max_length=100, blank=True, default="", db_default="")
    # Why nothing is written until the access or this choice is changed.
    write_fault = models.CharField(max_length=300, blank=True)
    # The helpdesk's own API, asked where a call has no address: what proves us is sealed.
    api_url = models.CharField(max_length=300, blank=True)
    api_access = models.BinaryField(null=True, blank=True)
    api_access_since = models.DateTimeField(null=True, blank=True)
    # Why nothing is asked until the access is changed; "" while all is well.
    api_fault = models.CharField(max_length=300, blank=True)
    # Left alone until then: it said so, or answered nothing several times.
    api_rests_until = models.DateTimeField(null=True, blank=True)
    api_n_failing = models.PositiveIntegerField(default=0)
    api_last_failure = models.CharField(max_length=300, blank=True)
    api_last_success_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    # Taken away, but for a while it can be brought back.
    deleted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class HookDelivery(models.Model):
    """One call at a connection's address, as the inspector shows it; only the newest are kept.

    What proved nothing (`is_refused`) has a ration of its own and keeps no body, so that forged
    calls neither push out genuine ones nor store anything of theirs.
    """

    class Verdict(models.TextChoices):
        TAKEN = "taken", "Taken"
        DUPLICATE = "duplicate", "The same again"
        IGNORED = "ignored", "Nothing to do"
        PROBED = "probed", "Asked whether we are here"
        FORGED = "forged", "Not proven genuine"
        UNREADABLE = "unreadable", "Unreadable"

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    received_at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=10)
    headers = models.JSONField(default=dict)
    # None: it was not kept, or went with somebody who was erased.
    body = models.BinaryField(null=True, blank=True)
    n_bytes = models.PositiveIntegerField(default=0)
    is_whole = models.BooleanField(default=True)
    is_refused = models.BooleanField(default=False)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    status = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500, blank=True)
    # [{"outcome", "case", "reason", "event"}], in the order read.
    made = models.JSONField(default=list)
    replay_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replays"
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["connection", "is_refused", "-id"], name="hook_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} delivery {self.pk}"


class HookEvent(models.Model):
    """One change of one case that waits to be taken in, or was. Kept 30 days, so that the same
    event sent again is known.

    `content` is the case as the intake reads it; it goes as soon as the intake has it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ASKING = "asking", "Asked of the helpdesk’s API"
        DONE = "done", "Taken in"
        NEEDS_ENRICHMENT = "needs_enrichment", "Without an address of the customer"
        QUARANTINED = "quarantined", "Set aside"

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    event_key = models.BinaryField(max_length=32)
    outcome = models.CharField(max_length=10)
    case = models.CharField(max_length=200)
    requester_id = models.CharField(max_length=200, blank=True)
    content = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    # Of the question to the helpdesk's API: how often it was put, who puts it just now, and when
    # it had its answer, of whatever kind.
    asks = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    # What the intake made of it, and why it was set aside.
    result = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "event_key"], name="hook_event_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="waiting"),
                name="hook_event_waiting",
            ),
            models.Index(
                fields=["connection", "next_attempt_at", "id"],
                condition=Q(state="asking"),
                name="hook_event_asking",
            ),
            models.Index(
                fields=["connection", "state", "-id"],
                condition=~Q(state="done"),
                name="hook_event_open",
            ),
            models.Index(fields=["connection", "case"], name="hook_event_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} of case {self.case}"


class WriteBack(models.Model):
    """What is told of one survey in the helpdesk that its case came from, as a note, tags or
    fields: to be written, or written.

    It says no rating: these are read when it is written, so that the newest are told and an erasure
    leaves nothing. A change meanwhile makes it stale, and it is written again.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        WRITING = "writing", "Being written"
        WRITTEN = "written", "Written"
        FAILED = "failed", "Given up"

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="notes", db_index=False
    )
    invitation = models.OneToOneField(
        "surveys.Invitation", on_delete=models.CASCADE, related_name="written_back"
    )
    case = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    is_stale = models.BooleanField(default=False)
    due_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveSmallIntegerField(default=0)
    # What the helpdesk calls the note, where it can be changed; and what it tells already.
    note_id = models.CharField(max_length=200, blank=True)
    told_revision = models.PositiveIntegerField(default=0)
    # Our tags that may stand on the case: noted before they are sent, so that a worker that dies
    # leaves none that a later one does not know of.
    tags = models.JSONField(default=list, db_default=Value([], models.JSONField()), blank=True)
    last_words = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["connection", "due_at", "id"],
                condition=Q(status__in=["queued", "writing"]),
                name="write_back_queue",
            ),
            models.Index(fields=["connection", "status", "-id"], name="write_back_log"),
        ]

    def __str__(self) -> str:
        return f"note about case {self.case} ({self.status})"
