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
        "Ticket events, or a trigger with the body below. A trigger brings the customer’s address "
        "along; events do not.",
        THEIRS,
        (
            (
                "Admin Center → Apps and integrations → Webhooks → Create webhook, connected to a "
                "trigger or automation. Paste the address as endpoint URL; method POST, format JSON."
            ),
            "Open the new webhook, reveal its signing secret and paste it here.",
            (
                "Objects and rules → Triggers → Create trigger: Status category changed to Solved, or "
                "changed from Solved. Action: Notify active webhook, with the body below."
            ),
        ),
    ),
    "freshdesk": Guide(
        "An automation rule that triggers a webhook on a change of status.",
        OURS,
        (
            (
                "Admin → Automations → Ticket updates → New rule: when Status is changed to Resolved "
                "or Closed, or from these to anything."
            ),
            (
                "Action: Trigger webhook, POST to the address, encoding JSON, advanced content with "
                "the body below."
            ),
            "Add a custom header X-Stabledoor-Secret with the secret.",
        ),
    ),
    "intercom": Guide(
        "Conversations and tickets that are closed and opened again.",
        THEIRS,
        (
            "Developer Hub → your app → Webhooks: paste the address as endpoint URL.",
            "Subscribe to conversation.admin.closed, conversation.admin.opened and ticket.closed.",
            "Basic information → copy the client secret and paste it here.",
        ),
    ),
    "jira": Guide(
        "Requests whose status changes to or from a done category.",
        OURS,
        (
            "Settings → System → WebHooks → Create a webhook: paste the address and the secret.",
            "Event: Issue, updated. Restrict it to your service projects by JQL.",
            (
                "Where addresses of customers are hidden, use an automation rule with the action Send "
                "web request and the body below instead."
            ),
        ),
    ),
    "hubspot": Guide(
        "Tickets that move to another stage of their pipeline.",
        THEIRS,
        (
            "Your private or public app → Webhooks: paste the address as target URL.",
            "Subscribe to the property hs_pipeline_stage of tickets.",
            "Copy the app’s client secret and paste it here.",
            "Say below which stages mean resolved: their ids are the pipeline’s own.",
        ),
    ),
    "salesforce": Guide(
        "A flow or workflow rule that sends an outbound message on Case.",
        IN_ADDRESS,
        (
            (
                "Setup → Outbound Messages → New, object Case: paste the whole address as endpoint "
                "URL. It carries the secret, so show it to nobody."
            ),
            (
                "Choose the fields Id, CaseNumber, Status, IsClosed, ClosedDate, ContactEmail, "
                "Subject, Reason and OwnerId. Do not send the session id."
            ),
            "A record-triggered flow on Case sends it when IsClosed changes.",
        ),
    ),
    "chatwoot": Guide(
        "Conversations that are resolved and opened again.",
        THEIRS,
        (
            "Settings → Integrations → Webhooks → Add new webhook: paste the address.",
            "Subscribe to: conversation status changed.",
            "Copy the webhook’s secret and paste it here.",
        ),
    ),
    "zammad": Guide(
        "A trigger that sends the ticket on a change of its state.",
        OURS,
        (
            (
                "Manage → Webhook → New webhook: paste the address, and the secret as HMAC SHA1 "
                "signature token."
            ),
            "Manage → Trigger → New trigger: state has changed; execute the webhook.",
        ),
    ),
    "glpi": Guide(
        "Tickets that are solved and opened again, in GLPI 11.",
        THEIRS,
        (
            "Setup → Webhooks → Add: item type Ticket, event update; paste the address.",
            "Copy the webhook’s secret and paste it here, then let GLPI validate the address.",
        ),
    ),
    "freescout": Guide(
        "Conversations whose status changes, by the API & Webhooks module.",
        THEIRS,
        (
            "Manage → API & Webhooks → Webhooks: paste the address, choose convo.status.",
            "Copy the secret key shown there and paste it here.",
        ),
    ),
    "generic": Guide(
        "Your own system, a script or an integration platform: JSON, signed as Standard Webhooks.",
        OURS,
        (
            "Send the body below by POST whenever the status of a case changes.",
            (
                "Sign it as Standard Webhooks: headers webhook-id, webhook-timestamp and "
                "webhook-signature, by any of their libraries, with the secret."
            ),
            (
                "Other names for the fields? Pick the cause on a call that came, and write the rest "
                "as shown."
            ),
        ),
    ),
}
