"""Delivery as a state machine: whatever happens in whatever order, the invariants hold.

`machine.py` is all of it together. What may happen: `telling`, `sending`, `meanwhile`, `answering`
and `objecting`; at a statement of any of it the process may die (`dying`). `site` is the
installation with its clock and people, `postbox` the mail server. What the outside world was told
and saw is in `outside`, what the database holds in `stored`; `checks` and `leaving` hold the one
against the other.
"""
