"""What many answers mean: numbers from counts. No Django, no clock, no settings, no input/output.

Every function takes integer counts (histograms that add up) and returns arrays or frames; NaN
means "nothing to say", which callers turn into None (`columns.records`, `columns.optional`). Shares
are 0–1.

Agents are computed from fix ratings only (`agents`), causes from cause ratings only (`causes`); the
two meet in `matrix` and nowhere else.
"""
