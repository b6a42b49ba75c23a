"""Alarms of causes, kept as they are raised, and told outwards once.

    raise_signals(now) -> Counts        what the charts tell now, against what was raised before
    signals(asked, scope) -> QuerySet   what was raised, for a reader
    told(signal, fewest) -> dict        one signal as the API and webhooks tell it

The pages go on reading the charts: a signal is what was told, a chart what is true now.
"""

from analytics.signals.raising import Counts, raise_signals
from analytics.signals.reading import Asked, signals
from analytics.signals.telling import told

__all__ = ["Asked", "Counts", "raise_signals", "signals", "told"]
