"""Making logins by command."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from surveys.models import Agent, Team, User
from tests.factories import AgentFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("create_user", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_password_is_generated_and_printed_once() -> None:
    out, _ = run("Ada@Example.org", "--role", "manager")
    user = User.objects.get()
    password = out.split("Password: ")[1].split()[0]
    assert (user.email, user.role) == ("ada@example.org", "manager")
    assert user.check_password(password)


def test_a_given_password_is_not_printed() -> None:
    out, _ = run("ada@example.org", "--role", "admin", "--password", "correct horse")
    assert User.objects.get().check_password("correct horse")
    assert "correct horse" not in out


def test_json_holds_the_generated_password() -> None:
    out, _ = run("ada@example.org", "--role", "analyst", "--json")
    told = json.loads(out)
    assert User.objects.get().check_password(told.pop("password"))
    assert told == {"email": "ada@example.org", "role": "analyst", "created": True}


def test_the_same_address_again_is_set_anew() -> None:
    UserFactory(email="ada@example.org", role="analyst", name="Ada", is_active=False)
    out, _ = run("ada@example.org", "--role", "admin", "--password", "another one", "--json")
    user = User.objects.get()
    assert json.loads(out)["created"] is False
    assert (user.role, user.name, user.is_active) == ("admin", "Ada", True)
    assert user.check_password("another one")


def test_team_and_agent_are_linked_or_made() -> None:
    run("lead@example.org", "--role", "team_lead", "--team", "Mobile")
    run("agent@example.org", "--role", "agent", "--agent", "a17")
    assert User.objects.get(role="team_lead").team == Team.objects.get(name="Mobile")
    assert User.objects.get(role="agent").agent == Agent.objects.get(external_id="a17")


def test_who_would_see_nothing_is_told_so() -> None:
    _, err = run("lead@example.org", "--role", "team_lead")
    assert err == "Without --team this team lead sees nothing yet.\n"
    _, err = run("agent@example.org", "--role", "agent")
    assert err == "Without --agent this agent sees nothing yet.\n"


def test_an_agent_has_one_login() -> None:
    UserFactory(role="agent", agent=AgentFactory(external_id="a17"))
    with pytest.raises(CommandError, match="belongs to another login already"):
        run("other@example.org", "--role", "agent", "--agent", "a17")
    assert User.objects.count() == 1


@pytest.mark.parametrize("email", ["ada", "ada@", "a b@example.org", ""])
def test_what_is_no_address_is_refused_with_an_example(email: str) -> None:
    with pytest.raises(CommandError, match=r"is not an e-mail address\. Example: manage\.py"):
        run(email, "--role", "admin")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'boss'"):
        run("ada@example.org", "--role", "boss")
