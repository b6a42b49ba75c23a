"""The one-command supervisor: PostgreSQL, Redis, a mail catcher, web, workers and beat.

Nothing here imports Django: it runs before the settings are read, because it decides what they
find.
"""
