"""Outgoing events as Standard Webhooks: what happened is noted where it happens (`noting`), put
together and queued for whoever asked (`sorting`), and sent under a lease (`queue`, `sending`)."""
