"""The list of questionnaires, and how a new one begins."""
