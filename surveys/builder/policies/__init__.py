"""Policies: who is surveyed and when, in words and as a form."""
