"""Which links of mails were opened: signs of mail scanners, and nothing that anybody answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from surveys.models.invitations import Invitation


class LinkOpening(models.Model):
    """A link of a survey mail that something opened, and why it was no person, where that shows.
    Kept for some weeks; no address, no browser, no place is kept with it."""

    class Sign(models.TextChoices):
        NONE = "", "Nothing speaks against a person"
        HIDDEN = "hidden", "Opened the link that nobody sees"
        AGENT = "agent", "Gave the name of a program"
        HEAD = "head", "Asked for the head of the page alone"
        TOGETHER = "together", "Opened several links within a second"

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, db_index=False)
    opened_at = models.DateTimeField()
    # "survey", "unsubscribe", "hidden", or the answer that it would preselect, as "F1=4".
    link = models.CharField(max_length=40)
    sign = models.CharField(max_length=8, choices=Sign.choices, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["invitation", "opened_at"], name="opening_of_invitation"),
            models.Index(fields=["opened_at"], name="opening_when"),
        ]

    def __str__(self) -> str:
        return f"{self.link} of invitation {self.invitation_id} at {self.opened_at}"
