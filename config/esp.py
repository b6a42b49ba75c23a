"""The mail providers that an EMAIL_URL may name instead of a server, as django-anymail knows them.

Left out are those that need a package of their own (Amazon SES, Postal, Resend), that anymail
itself no longer vouches for (SendGrid), or that tell nothing of what became of a mail. They speak
SMTP as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Provider:
    """`key` and `second`: the settings that the user and password of the address are. `webhook`:
    the setting with which it signs what it tells, "" where it sends our user and password."""

    name: str
    key: str
    second: str = ""
    webhook: str = ""


PROVIDERS: Final = {
    "brevo": Provider("Brevo", "BREVO_API_KEY"),
    "mailersend": Provider(
        "MailerSend", "MAILERSEND_API_TOKEN", webhook="MAILERSEND_SIGNING_SECRET"
    ),
    "mailgun": Provider("Mailgun", "MAILGUN_API_KEY", webhook="MAILGUN_WEBHOOK_SIGNING_KEY"),
    "mailjet": Provider("Mailjet", "MAILJET_API_KEY", second="MAILJET_SECRET_KEY"),
    "mandrill": Provider("Mandrill", "MANDRILL_API_KEY", webhook="MANDRILL_WEBHOOK_KEY"),
    "postmark": Provider("Postmark", "POSTMARK_SERVER_TOKEN"),
    "sparkpost": Provider("SparkPost", "SPARKPOST_API_KEY"),
}
#: What stands for a host where the provider has but one.
USUAL_HOST: Final = "default"
#: To connect, and between two parts of an answer.
TIMEOUT: Final = (5, 20)


def anymail(
    name: str, key: str, second: str, host: str, api_url: str, webhook: str, site_url: str
) -> dict[str, Any]:
    """The setting ANYMAIL."""
    provider = PROVIDERS[name]
    found: dict[str, Any] = {
        provider.key: key,
        "REQUESTS_TIMEOUT": TIMEOUT,
        # What a provider lacks (an envelope sender of our own) must not hold up a mail.
        "IGNORE_UNSUPPORTED_FEATURES": True,
        # Links stay as they are: nobody else needs to know who opened one.
        "SEND_DEFAULTS": {"track_clicks": False, "track_opens": False},
    }
    if provider.second:
        found[provider.second] = second
    if api_url:
        found[f"{name.upper()}_API_URL"] = api_url
    if name == "mailgun" and host != USUAL_HOST:
        found["MAILGUN_SENDER_DOMAIN"] = host
    if name == "mandrill":
        found["MANDRILL_WEBHOOK_URL"] = f"{site_url}/api/mail-events/"
    if webhook:
        found[provider.webhook or "WEBHOOK_SECRET"] = webhook
    return found
