"""People: staff users, agents in teams, customers, and addresses not to be written to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from surveys.models.access import Signed


class Team(models.Model):
    """A group of agents with a lead."""

    name = models.CharField(max_length=200, unique=True)
    # A former name, or a team that became part of another: whatever comes under this name belongs
    # to that one, which is never merged itself.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="former"
    )
    is_sample = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """Someone who handles cases; `external_id` is the helpdesk's name for them."""

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    is_bot = models.BooleanField(default=False)
    # The same person under another id: whatever comes under this one belongs to that agent.
    joined_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="identities"
    )
    is_sample = models.BooleanField(default=False)
    # When each fact was told: reports come in any order, the newest stays.
    name_at = models.DateTimeField(null=True, blank=True)
    email_at = models.DateTimeField(null=True, blank=True)
    team_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name", "external_id"]

    def __str__(self) -> str:
        return self.name or self.external_id


class AgentChange(Signed):
    """Identities of one person joined, or that undone: kept for good, with what undoing needs."""

    class Kind(models.TextChoices):
        JOINED = "joined", "Joined"
        UNDONE = "undone", "Undone"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    external_id = models.CharField(max_length=200)
    into = models.CharField(max_length=200)
    n_resolutions = models.PositiveIntegerField(default=0)
    n_answers = models.PositiveIntegerField(default=0)
    was = models.JSONField(default=dict)
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.external_id} {self.kind} {self.into}"


class UserManager(BaseUserManager["User"]):
    """Creates users known by their e-mail address, stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields.setdefault("role", User.Role.ADMIN)
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff who signs in. What they may see follows from `role` and its objects."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Admin"
        DESIGNER = "designer", "Questionnaire designer"
        MANAGER = "manager", "CX manager"
        TEAM_LEAD = "team_lead", "Team lead"
        AGENT = "agent", "Agent"
        CAUSE_OWNER = "cause_owner", "Cause owner"
        ANALYST = "analyst", "Analyst"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    agent = models.OneToOneField(Agent, null=True, blank=True, on_delete=models.SET_NULL)
    is_active = models.BooleanField(default=True)
    is_sample = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    # When they put away the checklist of the first hour, if they did.
    checklist_closed_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering: ClassVar = ["email"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    role__in=[
                        "admin",
                        "designer",
                        "manager",
                        "team_lead",
                        "agent",
                        "cause_owner",
                        "analyst",
                    ]
                ),
                name="user_role_known",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Customer(models.Model):
    """Who had the problem. `key` is `mail:<lower-case address>`, or `id:<source>:<id>` where no
    address is known, or `tel:<number>` where nothing else is; an erased customer
    keeps only `erased:<random>`."""

    key = models.CharField(max_length=600, unique=True)
    email = models.CharField(max_length=254, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=35, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    # E.164; of the database by default, for a process of the version before inserts without it.
    phone = models.CharField(max_length=16, blank=True, default="", db_default="")
    # When each fact was told: reports come in any order, the newest stays.
    external_id_at = models.DateTimeField(null=True, blank=True)
    name_at = models.DateTimeField(null=True, blank=True)
    language_at = models.DateTimeField(null=True, blank=True)
    timezone_at = models.DateTimeField(null=True, blank=True)
    phone_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phone"], condition=~models.Q(phone=""), name="customer_by_phone"),
        ]

    def __str__(self) -> str:
        return f"customer {self.pk}"


class Suppression(models.Model):
    """An address that must not be written to. The hash stays when the address is erased."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "unsubscribed"
        UNREACHABLE = "unreachable", "mails or messages kept coming back"
        BOUNCED = "bounced", "no such address or number"
        COMPLAINED = "complained", "reported as spam"
        ERASED = "erased", "erased on request"
        MANUAL = "manual", "added by staff"

    class Source(models.TextChoices):
        LINK = "link", "Unsubscribe link"
        REPORT = "report", "Bounce or complaint"
        REFUSAL = "refusal", "Refused by the mail server"
        STAFF = "staff", "Staff"
        IMPORT = "import", "Import"
        API = "api", "API"
        ERASURE = "erasure", "Erasure"

    email_hash = models.CharField(max_length=64, unique=True)
    email = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    created_at = models.DateTimeField(default=timezone.now)
    # Defaults of the database, too: a process of the version before inserts without them.
    source = models.CharField(
        max_length=10, choices=Source.choices, blank=True, default="", db_default=""
    )
    who = models.CharField(max_length=254, blank=True, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="suppression_by_time"),
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk} ({self.reason})"


class SuppressionChange(models.Model):
    """What was done to the suppression of an address, for good: nothing but an erasure touches it,
    and that only blanks what names the person. `who` is a member of staff or a key of the API;
    empty, where the person themselves, a bounce or the command line did it."""

    class Kind(models.TextChoices):
        ADDED = "added", "Suppressed"
        WEIGHTIER = "weightier", "For a weightier reason"
        LIFTED = "lifted", "Subscribed again"

    email_hash = models.CharField(max_length=64)
    email = models.CharField(max_length=254, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=20, choices=Suppression.Reason.choices)
    source = models.CharField(max_length=10, choices=Suppression.Source.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    who = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["email_hash", "-made_at"], name="suppression_history"),
            models.Index(fields=["-made_at", "-id"], name="suppression_log"),
        ]

    def __str__(self) -> str:
        return f"suppression {self.kind} ({self.reason})"


class ErasedCustomer(models.Model):
    """The ledger of erasures, replayed when an old backup is restored."""

    email_hash = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"erasure {self.pk}"
