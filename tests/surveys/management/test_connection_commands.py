"""Connecting a helpdesk and replaying a webhook from the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from surveys.models import Case, Connection, HookDelivery, HookEvent
from surveys.services import connections, hook_saved
from surveys.services.publishing import ensure_defaults
from tests.surveys.hooks import Desk, resolved

pytestmark = pytest.mark.django_db


def told(*arguments: str) -> Any:
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_added_connection_takes_calls_proven_by_its_secret() -> None:
    made = told("add_connection", "generic", "--name", "Our desk")
    assert sorted(made) == ["secret", "slug", "url"]
    assert made["url"].endswith(f"/hooks/{made['slug']}/")
    desk = Desk(Connection.objects.get(slug=made["slug"]))
    assert (desk.connection.name, desk.secret) == ("Our desk", made["secret"])
    assert desk.resolve("1").status_code == 202


def test_secret_that_the_helpdesk_made_is_taken_over() -> None:
    made = told("add_connection", "generic", "--secret", "whsec_c2VjcmV0IG9mIHRoZWlycw==")
    assert made["secret"] == "whsec_c2VjcmV0IG9mIHRoZWlycw=="


@pytest.mark.parametrize("name", ["x" * 101, "a\nb"])
def test_connection_needs_a_name_that_can_be_read(name: str) -> None:
    with pytest.raises(CommandError, match="name"):
        call_command("add_connection", "generic", "--name", name)
    assert Connection.objects.count() == 0


def test_body_from_a_file_is_taken_in_and_dry_only_shown(tmp_path: Path) -> None:
    ensure_defaults()
    slug = connections.make("generic").slug
    file = tmp_path / "body.json"
    file.write_text(json.dumps(resolved("31")))
    arguments = ("replay_webhook", str(file), "--connection", slug)
    expected = [{"outcome": "resolved", "case": "31", "reason": ""}]
    assert told(*arguments, "--dry-run") == {"results": expected, "dry_run": True}
    assert (HookEvent.objects.count(), HookDelivery.objects.count()) == (0, 0)
    assert told(*arguments) == {"results": expected, "dry_run": False}
    assert Case.objects.get(source=slug).external_id == "31"


def test_saved_delivery_knows_its_connection_and_headers(tmp_path: Path) -> None:
    ensure_defaults()
    desk = Desk()
    desk.resolve("32")
    kept = HookDelivery.objects.select_related("connection").get()
    file = tmp_path / "delivery.json"
    file.write_bytes(hook_saved.write(kept))
    assert told("replay_webhook", str(file))["results"][0]["case"] == "32"
    saved = hook_saved.read(file.read_bytes())
    assert (saved.body, saved.headers) == (bytes(kept.body or b""), kept.headers)


def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text("{}")
    with pytest.raises(CommandError, match="--connection SLUG"):
        call_command("replay_webhook", str(file))
    with pytest.raises(CommandError, match="there is no connection 'x'"):
        call_command("replay_webhook", str(file), "--connection", "x")
    slug = connections.make("generic").slug
    with pytest.raises(CommandError, match="is missing"):
        call_command("replay_webhook", str(file), "--connection", slug)
