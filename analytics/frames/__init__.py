"""The database as frames: the only door of analytics to the tables of surveys.

One module per kind of reader, so that what a report can read is visible from what it imports:
    fix      fix answers, for the agents; names no cause answer
    cause    cause answers, for the causes; names no fix answer
    both     where the two meet: the matrix
    sent     cases and invitations; names no answer
    names    what people call an agent or a cause
    listed   single responses with their comments
    answers  what a response counts as (for the aggregation alone)
    selection  filters and scope as SQL
"""
