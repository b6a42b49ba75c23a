#!/usr/bin/env python
"""Stabledoor's command line: `manage.py help` lists what an operator needs.

Every command finds the services of its STABLEDOOR_HOME: those that run, else they are started for
it and stopped after it.
"""

import os
import sys

# These neither read nor write the database; with --help no command does.
WITHOUT_SERVICES = {
    "",
    "check",
    "collectstatic",
    "diffsettings",
    "findstatic",
    "gateway_standin",
    "help",
    "makemigrations",
    "spectacular",
    "startapp",
    "version",
    "write_reference",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.env import ConfigurationError
    from config.stack.errors import StackError

    try:
        run(sys.argv)
    except (ConfigurationError, StackError) as error:
        sys.exit(f"stabledoor: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def run(arguments: list[str]) -> None:
    """Run one command with what it needs around it."""
    command = arguments[1] if len(arguments) > 1 else ""
    asks_for_help = not {"--help", "-h", "--version"}.isdisjoint(arguments)
    if command == "up" and not asks_for_help:
        from config.stack.supervisor import main as up

        sys.exit(up(arguments[2:]))
    if command in WITHOUT_SERVICES or asks_for_help:
        execute(arguments)
        return

    from config import env
    from config.stack.home import Home
    from config.stack.services import for_command

    home = Home(env.load(os.environ)["STABLEDOOR_HOME"] or env.BASE_DIR / ".stabledoor")
    with for_command(home, os.environ) as started:
        if started and command not in {"migrate", "prepare"}:
            bring_up_to_date()
        execute(arguments)


def bring_up_to_date() -> None:
    """An embedded database that was started for this command has the tables it expects."""
    import django

    django.setup()
    from config.preparing import migrate

    migrate()


def execute(arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line

    from config import garbage

    garbage.settle()
    execute_from_command_line(arguments)


if __name__ == "__main__":
    main()
