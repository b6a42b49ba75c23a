"""Whole surveys to look at, and the links that open them without a login."""
