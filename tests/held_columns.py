"""What a process holds of packed columns is forgotten with the database that it was read from.

Codes of causes, agents and cases only ever come, as in a web process of an installation that grows.
Over thousands of tests each with its own they would be hundreds of thousands, which every report
looks through.
"""

from __future__ import annotations


def forget() -> None:
    """Begin with empty stores."""
    from analytics.frames import packed, resolutions
    from analytics.frames.held import Store

    for store in (packed._STORE, resolutions._STORE):
        vars(store).update(vars(Store(store.source)))
