"""What each helpdesk sends, read into one form: bytes and headers in, events out.

One module per helpdesk. Pure: no Django, no database, no clock, no network.
"""
