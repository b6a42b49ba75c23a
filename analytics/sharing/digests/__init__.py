"""Digests: the reports of a period by mail, to who asked for them, as far as they may see.

planning   when one is due, and the row in the outbox
outbox     claims, and what became of them; each commits by itself
content    what a role is told, from the same reports as the pages
alarmed    the alarms of its weeks; worded and drawing: figures and pictures
message    the mail: HTML and text, pictures inside
sending    claim, build, send, mark: at most once after SMTP DATA
"""
