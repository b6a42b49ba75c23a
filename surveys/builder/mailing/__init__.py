"""The mails of a questionnaire: shown in all their parts, and sent to oneself."""
