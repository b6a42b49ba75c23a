"""Ratings are written into the helpdesk that a case came from, as a private note, where a
connection was set so: what to write (`wording`), what waits (`queue`), in rounds (`rounds`)."""
