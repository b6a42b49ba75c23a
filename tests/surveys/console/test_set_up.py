"""Policies, questionnaires, settings: read by some, changed by admins."""

from __future__ import annotations

from typing import Any

import pytest

from surveys.console.policies import tell
from surveys.models import ApiKey, Policy, User
from surveys.services.publishing import ensure_defaults
from tests.factories import ApiKeyFactory, PolicyFactory, SuppressionFactory, UserFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role

FORM = {
    "enabled": "on",
    "delay_minutes": "60",
    "sample_percent": "12.5",
    "cooldown_days": "7",
    "reminder_days": "",
    "close_days": "10",
}


def test_a_policy_is_told_in_sentences() -> None:
    assert tell(PolicyFactory()).sentences == [
        "All resolved cases are surveyed.",
        (
            "The mail goes out 4 hours after the case is resolved. "
            "If it is reopened before that, nothing is sent."
        ),
        "A customer is surveyed at most once in 30 days.",
        (
            "Customers who have not answered are reminded once, on day 4. "
            "The survey closes after 14 days."
        ),
    ]


def test_a_narrow_policy_is_told_in_sentences() -> None:
    policy = PolicyFactory(
        slug="narrow",
        conditions={"product": ["Fibre", "Mobile"], "channel": ["phone"]},
        sample_rate=0.25,
        delay_minutes=0,
        cooldown_days=0,
        reminder_days=None,
        close_days=1,
        quiet_hours={"start": "21:00", "end": "08:00"},
    )
    assert tell(policy).sentences == [
        (
            "Of resolved cases with channel phone and product Fibre or Mobile, 25 % are surveyed, "
            "at random."
        ),
        "The mail goes out at once. If the case is reopened before that, nothing is sent.",
        "Nothing is sent from 21:00 to 08:00 in the customer's own time.",
        "A customer may be surveyed after every case.",
        "Nobody is reminded. The survey closes after 1 day.",
    ]


def test_an_admin_changes_a_policy() -> None:
    PolicyFactory()
    answer = client_of(Role.ADMIN).post("/policies/default/", FORM)
    policy = Policy.objects.get()
    assert answer["Location"] == "/policies/"
    assert (policy.delay_minutes, policy.sample_rate, policy.cooldown_days) == (60, 0.125, 7)
    assert (policy.reminder_days, policy.close_days, policy.enabled) == (None, 10, True)


def test_a_policy_is_switched_off_by_an_unticked_box() -> None:
    PolicyFactory()
    client_of(Role.ADMIN).post("/policies/default/", {**FORM, "enabled": ""})
    assert not Policy.objects.get().enabled


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("delay_minutes", "4321"),
        ("delay_minutes", "-1"),
        ("delay_minutes", "soon"),
        ("sample_percent", "101"),
        ("sample_percent", "nan"),
        ("cooldown_days", ""),
        ("reminder_days", "10"),
        ("reminder_days", "0"),
        ("close_days", "0"),
        ("close_days", "9" * 30),
    ],
)
def test_a_wrong_value_is_said_beside_its_field_and_changes_nothing(field: str, value: str) -> None:
    PolicyFactory()
    page = client_of(Role.ADMIN).post("/policies/default/", {**FORM, field: value})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]
    assert Policy.objects.get().delay_minutes == 240


@pytest.mark.parametrize("role", [Role.MANAGER, Role.DESIGNER])
def test_others_read_policies_and_change_none(role: str) -> None:
    PolicyFactory()
    client = client_of(role)
    assert "/policies/default/" not in client.get("/policies/").content.decode().replace(
        "PATCH /api/v1/policies/default/", ""
    )
    assert client.post("/policies/default/", FORM).status_code == 404
    assert Policy.objects.get().delay_minutes == 240


def test_the_current_questionnaire_is_shown_as_both_arms_see_it() -> None:
    ensure_defaults()
    page = client_of(Role.DESIGNER).get("/questionnaires/?language=de")
    (preview,) = page.context["previews"]
    assert preview.language == "de"
    assert [[p.block for p in arm.pages] for arm in preview.arms] == [
        ["fix", "cause", "closing"],
        ["cause", "fix", "closing"],
    ]
    shown = {item.id for arm in preview.arms for p in arm.pages for item in p.items}
    assert shown == {"F1", "F2", "F3", "S1", "C1", "C2", "C3", "C4", "O1", "O2"}


def test_an_unknown_language_shows_the_default_one() -> None:
    ensure_defaults()
    page = client_of(Role.DESIGNER).get("/questionnaires/?language=%00<")
    assert page.context["previews"][0].language == "en"


def test_settings_show_who_may_sign_in_and_no_secret(settings: Any) -> None:
    settings.SECRET_KEY = "not-to-be-shown"
    UserFactory(email="ada@example.org", role=Role.ANALYST)
    SuppressionFactory(email="no@example.com")
    ApiKeyFactory(name="helpdesk", secret="sd_" + "k" * 40)
    page = client_of(Role.ADMIN).get("/settings/")
    text = page.content.decode()
    assert "ada@example.org" in text
    assert "sd_kkkkkkk…" in text
    assert page.context["n_suppressed"] == 1
    for secret in ("not-to-be-shown", "k" * 12, "no@example.com", "a good password"):
        assert secret not in text


@pytest.mark.parametrize("n_keys", [1, 3])
def test_settings_ask_as_much_for_three_as_for_one(
    n_keys: int, django_assert_num_queries: Any
) -> None:
    for _ in range(n_keys):
        ApiKeyFactory()
        UserFactory()
    client = client_of(Role.ADMIN)
    with django_assert_num_queries(7):
        client.get("/settings/")


def test_a_key_is_revoked_for_good() -> None:
    key = ApiKeyFactory()
    client = client_of(Role.ADMIN)
    assert client.post(f"/settings/keys/{key.pk}/revoke/")["Location"] == "/settings/"
    assert ApiKey.objects.get().revoked_at is not None
    assert client.post("/settings/keys/999/revoke/").status_code == 404


def test_a_get_revokes_nothing() -> None:
    key = ApiKeyFactory()
    assert client_of(Role.ADMIN).get(f"/settings/keys/{key.pk}/revoke/").status_code == 405
    assert ApiKey.objects.get().revoked_at is None
