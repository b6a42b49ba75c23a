"""Brands: whose name, colours and words a survey carries."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Brand(models.Model):
    """How mails and survey pages present themselves. A policy chooses it; without one they carry
    the company's name and our own look.

    Colours are six-digit hex. `texts` holds the custom words by language and key
    ({"de": {"footer": "…", "legal": "…", "mail_intro": "…"}}) with flat placeholders.
    """

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    accent = models.CharField(max_length=7, default="#1d4ed8")
    accent_dark = models.CharField(max_length=7, default="#93b4ff")
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=30, blank=True)
    logo_alt = models.CharField(max_length=100, blank=True)
    sender_name = models.CharField(max_length=100, blank=True)
    reply_to = models.EmailField(blank=True)
    texts = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name
