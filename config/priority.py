"""Answers come first: what works in the background takes what they leave of the processors."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path
from typing import Final

#: The niceness of background work: where the processors are short it gets a ninth of the weight
#: that a web process has; where they are not it is as quick as ever.
BACKGROUND: Final = 10
_SESSION: Final = Path("/proc/self/autogroup")
logger = logging.getLogger(__name__)


def step_back() -> None:
    """Let others go first, for good. Called once in beat and in a worker, before it has a pool."""
    os.nice(max(0, BACKGROUND - os.nice(0)))
    if sys.platform == "linux" and os.sched_getscheduler(0) == os.SCHED_OTHER:
        try:  # then its waking up displaces nobody who is at work
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        except OSError as error:  # some sandboxes refuse it
            logger.warning("This process stays in the scheduler's usual class: %s", error)
    # Where the kernel weighs sessions against each other, niceness counts within one of them
    # alone. A session that is not the process's own, as that of a terminal, is left as it is.
    if os.getsid(0) == os.getpid() and _SESSION.exists():
        _weigh_session()


def _weigh_session() -> None:
    for _ in range(10):
        try:
            _SESSION.write_text(str(BACKGROUND))
            return
        except OSError as error:
            refused = error
            if not isinstance(error, BlockingIOError):
                break
            time.sleep(0.1)  # in a tenth of a second one session may, on the whole machine
    logger.warning("The niceness of this session stays as it is: %s", refused)
