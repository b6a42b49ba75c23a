"""`python -m config.serve …`: granian's command line, with the application loaded before it forks.

Every web process then shares what was loaded once, which halves the start. Where Python spawns
instead of forking, each loads it for itself.
"""

import os

import config.wsgi  # noqa: F401 -- loaded here, used by the workers
from config.stack.process import die_with_parent

if __name__ == "__main__":
    from granian.cli import entrypoint

    os.register_at_fork(after_in_child=die_with_parent)
    entrypoint()  # type: ignore[no-untyped-call]
