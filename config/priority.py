"""Answers come first: what works in the background takes what they leave of the processors."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Final

#: The niceness of background work: where the processors are short it gets a ninth of the weight
#: that a web process has; where they are not it is as quick as ever.
BACKGROUND: Final = 10
_SESSION: Final = Path("/proc/self/autogroup")
logger = logging.getLogger(__name__)


def step_back() -> None:
    """Let others go first, for good. Called once in each process of a worker's pool."""
    os.nice(max(0, BACKGROUND - os.nice(0)))
    # Where the kernel weighs sessions against each other, niceness counts within one of them
    # alone. A session that is not the worker's own, as that of a terminal, is left as it is.
    if os.getsid(0) == os.getppid() and _SESSION.exists():
        try:
            _SESSION.write_text(str(BACKGROUND))
        except OSError as error:  # too often in a row: the other processes of the pool do the same
            logger.debug("The niceness of the worker's session stays as it is: %s", error)
