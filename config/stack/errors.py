"""The one failure this package reports: a part that cannot start, said in one line."""


class StackError(Exception):
    """A part cannot start. The message is a single line that says what and how to mend it."""
