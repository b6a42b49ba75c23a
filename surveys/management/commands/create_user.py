"""Make a login, or give an existing one a new role and password."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from surveys.models import User
from surveys.services import staffing

EXAMPLE = "manage.py create_user lead@example.org --role team_lead --team Mobile"
SHORT = 8


class Command(BaseCommand):
    help = (
        "Make a login for the staff pages. Where the e-mail is known already, role, name, team, "
        "agent and password are set anew. Without --password one is generated and printed once. "
        f"Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="what the user signs in with")
        parser.add_argument(
            "--role", required=True, choices=User.Role.values, help="what the user sees and may do"
        )
        parser.add_argument("--password", help="generated and printed where none is given")
        parser.add_argument("--name", default="", help="as shown on pages")
        parser.add_argument("--team", help="a team lead's team, by name")
        parser.add_argument("--agent", metavar="EXTERNAL_ID", help="an agent's id in the helpdesk")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email!r} is not an e-mail address. Example: {EXAMPLE}") from None
        password = options["password"] or secrets.token_urlsafe(12)
        try:
            user, created = staffing.set_user(
                email,
                role=options["role"],
                password=password,
                name=options["name"],
                team=options["team"],
                agent=options["agent"],
            )
        except staffing.StaffingError as error:
            raise CommandError(f"{error}. Example: {EXAMPLE}") from None
        generated = None if options["password"] else password
        if options["json"]:
            self._tell_json(user, created, generated)
        else:
            self._tell(user, created, generated)
        self._warn(user, password)

    def _tell_json(self, user: User, created: bool, generated: str | None) -> None:
        told: dict[str, object] = {"email": user.email, "role": user.role, "created": created}
        if generated:
            told["password"] = generated
        self.stdout.write(json.dumps(told))

    def _tell(self, user: User, created: bool, generated: str | None) -> None:
        done = "Made" if created else "Changed"
        self.stdout.write(f"{done} {user.email}, {user.get_role_display()}.")
        if generated:
            self.stdout.write(f"Password: {generated}   (shown this once)")

    def _warn(self, user: User, password: str) -> None:
        if len(password) < SHORT:
            self.stderr.write(f"A password of {len(password)} characters is easily guessed.")
        if user.role == User.Role.TEAM_LEAD and user.team is None:
            self.stderr.write("Without --team this team lead sees nothing yet.")
        if user.role == User.Role.AGENT and user.agent is None:
            self.stderr.write("Without --agent this agent sees nothing yet.")
