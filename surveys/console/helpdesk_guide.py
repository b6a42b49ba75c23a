"""What to click in each helpdesk, in a few steps; whose the secret is; what proves a call.

The recipes in full stand in docs/helpdesks/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

OURS: Final = "ours"
THEIRS: Final = "theirs"
IN_ADDRESS: Final = "address"


@dataclass(frozen=True)
class Guide:
    """`line` says what is connected; `secret` whose it is: made here and pasted there, made there
    and pasted here, or part of the address."""

    line: str
    secret: str
    steps: tuple[str, ...]


GUIDES: Final[Mapping[str, Guide]] = {
    "zendesk": Guide(
        "A trigger with the body we give you, which brings the customer’s address along; or "
        "ticket events, which do not.",
        THEIRS,
        (
            "Admin Center → Apps and integrations → Webhooks → Create webhook.",
            "Choose “Trigger or automation”. Endpoint URL: the address; POST; JSON.",
            "Open the webhook, reveal its signing secret, and paste it below.",
            "Objects and rules → Triggers → Create trigger: Ticket status changed.",
            "Action: Notify active webhook, with the body to paste.",
        ),
    ),
    "freshdesk": Guide(
        "An automation rule that triggers a webhook on a change of status.",
        OURS,
        (
            "Admin → Automations → Ticket updates → New rule: status is changed, any to any.",
            "Action: Trigger webhook, POST to the address, encoding JSON, advanced content.",
            "Content: the body to paste.",
            "Custom header: X-Stabledoor-Secret with the secret.",
        ),
    ),
    "intercom": Guide(
        "Conversations and tickets that are closed and opened again.",
        THEIRS,
        (
            "Developer Hub → your app → Webhooks: paste the address as endpoint URL.",
            (
                "Subscribe to conversation.admin.closed, conversation.admin.opened, "
                "conversation.user.replied, ticket.closed and ticket.state.updated."
            ),
            "Basic information: copy the client secret, and paste it below.",
        ),
    ),
    "jira": Guide(
        "Requests whose status changes to or from a done category.",
        OURS,
        (
            "Settings → System → WebHooks → Create a webhook: the address and the secret.",
            "Event: Issue, updated. Restrict it to your service projects by JQL.",
            (
                "Are customers’ addresses hidden in profiles? Use an automation rule instead: "
                "Send web request with the body to paste and a header X-Stabledoor-Secret."
            ),
        ),
    ),
    "hubspot": Guide(
        "Tickets that move to another stage of their pipeline. HubSpot tells no address.",
        THEIRS,
        (
            "Your app → Webhooks: paste the address as target URL.",
            "Subscribe to the property hs_pipeline_stage of tickets.",
            "Copy the app’s client secret, and paste it below.",
            "Say below which stages mean resolved: their ids are your pipeline’s own.",
        ),
    ),
    "salesforce": Guide(
        "A flow that sends an outbound message on Case.",
        IN_ADDRESS,
        (
            (
                "Setup → Outbound Messages → New, object Case. Endpoint URL: the whole address. "
                "It carries the secret, so show it to nobody."
            ),
            (
                "Fields: Id, CaseNumber, Status, IsClosed, ClosedDate, ContactEmail, "
                "SuppliedEmail, Subject, Reason, OwnerId. Do not send the session id."
            ),
            "A record-triggered flow on Case sends it when IsClosed changes.",
            "Set your organisation’s id below, so that no other one is heard.",
        ),
    ),
    "chatwoot": Guide(
        "Conversations that are resolved and opened again.",
        THEIRS,
        (
            "Settings → Integrations → Webhooks → Add new webhook: paste the address.",
            "Subscribe to: Conversation status changed.",
            "Copy the webhook’s secret, and paste it below.",
        ),
    ),
    "zammad": Guide(
        "Two triggers that send the ticket: when it is closed, and when it is open again.",
        OURS,
        (
            "Manage → Webhook → New: the address, and the secret as HMAC SHA1 signature token.",
            "Manage → Trigger → New: state has changed and is closed; execute the webhook.",
            "The same once more: state has changed and is open.",
        ),
    ),
    "glpi": Guide(
        "Tickets that are solved and opened again, from GLPI 11 on. GLPI tells no address.",
        THEIRS,
        (
            "Setup → Webhooks → Add: item type Ticket, event Update, URL: the address.",
            "Copy the webhook’s secret, and paste it below. Then have GLPI check the address.",
        ),
    ),
    "freescout": Guide(
        "Conversations whose status changes, by the module API & Webhooks.",
        THEIRS,
        (
            "Manage → API & Webhooks → Webhooks: paste the address, choose convo.status.",
            "Copy the secret key shown on that page, and paste it below.",
        ),
    ),
    "generic": Guide(
        "Your own system, a script, an integration platform: JSON, as Standard Webhooks.",
        OURS,
        (
            "Send the body below by POST whenever the status of a case changes.",
            (
                "Sign it with the secret, by any library of Standard Webhooks: webhook-id, "
                "webhook-timestamp, webhook-signature."
            ),
            "Are your fields called otherwise? Say below where they stand.",
        ),
    ),
}
