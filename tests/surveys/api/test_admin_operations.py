"""What admins do by the API as on their pages: people, rules of causes, delivery, the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from surveys.mail.reports import Fate, Kind
from surveys.models import (
    Agent,
    AgentChange,
    ApiKey,
    Case,
    Cause,
    CauseChange,
    CauseRule,
    Customer,
    Delivery,
    DeliveryReport,
    IdempotentReply,
    Invitation,
    Kiosk,
    Resolution,
    Suppression,
    User,
)
from surveys.services import bounces, kiosks
from surveys.services.keys import find
from surveys.services.tokens import token_of
from tests.factories import (
    AgentFactory,
    CaseFactory,
    CauseFactory,
    DeliveryFactory,
    InvitationFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.api.conftest import Api
from tests.surveys.staff import NO_PASSWORD

V1 = "/api/v1"
MakeApi = Callable[..., Api]
RULE = {"what": "tag", "how": "equals", "text": "roaming"}


def _field(answer: Any) -> str:
    assert answer.status_code == 400, answer.content
    return str(answer.json()["errors"][0]["field"])


def test_login_is_added_once_and_its_password_told_once(api: MakeApi) -> None:
    admin, team = api("admin"), TeamFactory.create(name="Mobile")
    sent = {"email": "Lead@Example.com", "role": "team_lead", "team": "Mobile"}
    made, again = (
        admin.post(f"{V1}/staff/", sent, **{"Idempotency-Key": "s"}).json() for _ in range(2)
    )
    user = User.objects.get(email="lead@example.com")
    assert (user.team, user.check_password(made["password"])) == (team, True)
    assert again == made | {"password": None}
    assert made["password"] not in str(IdempotentReply.objects.get().body)
    assert _field(admin.post(f"{V1}/staff/", sent)) == "email"


def test_login_with_a_fault_stays_as_it_is(api: MakeApi) -> None:
    table: list[tuple[dict[str, Any], str]] = [
        ({"role": "king"}, "role"),
        ({"team": "Nowhere"}, "team"),
        ({"agent": "nobody"}, "agent"),
        ({"agent": "a-1"}, "agent"),
        ({"name": "a\x00b"}, "name"),
        ({"email": "x@example.com"}, "email"),
    ]
    UserFactory.create(password=NO_PASSWORD, agent=AgentFactory.create(external_id="a-1"))
    user = UserFactory.create(password=NO_PASSWORD, role="manager", name="Grace")
    admin = api("admin")
    for change, field in table:
        assert _field(admin.patch(f"{V1}/staff/{user.pk}/", change)) == field
    user.refresh_from_db()
    assert (user.role, user.name, user.team, user.agent) == ("manager", "Grace", None, None)


def test_login_is_changed_and_shut_out_but_for_the_last_admin(api: MakeApi) -> None:
    admin, user = api("admin"), UserFactory.create(password=NO_PASSWORD, role="admin")
    one = f"{V1}/staff/{user.pk}/"
    seal = admin.get(one)["ETag"]
    assert _field(admin.patch(one, {"active": False})) == "active"
    assert _field(admin.patch(one, {"role": "manager"})) == "role"
    UserFactory.create(password=NO_PASSWORD, role="admin")
    assert admin.patch(one, {"active": False}).json()["active"] is False
    assert admin.patch(one, {"active": True}, headers={"If-Match": seal}).status_code == 412
    assert not User.objects.get(pk=user.pk).is_active
    assert admin.get(f"{V1}/staff/", active="false").json()["results"][0]["email"] == user.email


def test_key_is_shown_once_and_opens_until_it_is_revoked(api: MakeApi) -> None:
    admin = api("admin")
    sent = {"name": "Helpdesk", "scopes": ["cases:write"]}
    made, again = (
        admin.post(f"{V1}/keys/", sent, **{"Idempotency-Key": "k"}).json() for _ in range(2)
    )
    found = find(made["key"])
    assert found is not None
    assert found.pk == made["id"]
    assert (again["key"], again["id"]) == (None, made["id"])
    listed = admin.get(f"{V1}/keys/")
    assert made["key"] not in listed.content.decode()
    assert [one["name"] for one in listed.json()["results"]] == ["Helpdesk", "A test"]
    assert admin.post(f"{V1}/keys/{made['id']}/revoke/", {}).json()["revoked_at"]
    assert find(made["key"]) is None
    assert _field(admin.post(f"{V1}/keys/", sent | {"scopes": []})) == "scopes"
    assert _field(admin.post(f"{V1}/keys/", sent | {"scopes": ["all"]})) == "scopes"
    assert _field(admin.post(f"{V1}/keys/", sent | {"name": " "})) == "name"


def test_two_ids_are_joined_in_the_name_of_the_key_and_parted(api: MakeApi) -> None:
    admin = api("admin")
    one, two = AgentFactory.create(external_id="a-1"), AgentFactory.create(external_id="a/2")
    ResolutionFactory.create(agents=[one])
    address = f"{V1}/agents/{one.pk}/join/"
    assert admin.get(address, into="a/2").json()["n_cases"] == 1
    assert _field(admin.get(address, into="nobody")) == "into"
    made = admin.post(address, {"into": "a/2"}).json()
    assert (made["by"], made["by_key"], made["can_undo"]) == (None, "A test", True)
    [told] = admin.get(f"{V1}/agents/", q="a-1").json()["results"]
    assert (told["id"], told["other_ids"]) == (two.pk, ["a-1"])
    assert admin.post(address, {"into": "a/2"}).status_code == 409
    undo = f"{V1}/agent-changes/{made['id']}/undo/"
    assert [admin.post(undo, {}).status_code for _ in range(2)] == [201, 409]
    assert Agent.objects.get(pk=one.pk).joined_into is None
    assert [change.author for change in AgentChange.objects.all()] == ["API key “A test”"] * 2


def test_agents_are_listed_by_id_without_a_gap(api: MakeApi) -> None:
    admin = api("admin")
    for number in range(5):
        AgentFactory.create(external_id=f"ä {number}")
    seen, following = [], f"{V1}/agents/?page_size=2"
    while following:
        told = admin.get(following).json()
        seen += [each["external_id"] for each in told["results"]]
        following = told["next"]
        Agent.objects.filter(external_id="ä 0").delete()  # behind the place: nothing shifts
    assert seen == [f"ä {number}" for number in range(5)]


def test_cause_is_placed_and_described_in_the_name_of_the_key(api: MakeApi) -> None:
    admin = api("admin")
    above, cause = CauseFactory.create(code="billing"), CauseFactory.create(code="roaming")
    one = f"{V1}/causes/roaming/"
    told = admin.patch(
        one, {"parent": "billing", "description": "Abroad", "names": {"de": "Roaming"}}
    ).json()
    assert (told["parent"], told["description"], told["names"]) == (
        "billing",
        "Abroad",
        {"de": "Roaming"},
    )
    assert [c["by_key"] for c in admin.get(f"{V1}/cause-changes/").json()["results"]] == [
        "A test",
        "A test",
    ]
    assert [c["code"] for c in admin.get(f"{V1}/causes/", parent="billing").json()["results"]] == [
        "roaming"
    ]
    assert admin.patch(one, {"parent": "billing"}).status_code == 200  # again is no change
    assert CauseChange.objects.count() == 2
    assert _field(admin.patch(one, {"parent": "roaming"})) == "parent"
    assert _field(admin.patch(one, {"names": {"xx": "Roaming"}})) == "names"
    assert _field(admin.patch(one, {"description": "x" * 2_001})) == "description"
    above.refresh_from_db(), cause.refresh_from_db()
    assert (cause.parent, above.parent) == (above, None)


def test_waiting_codes_are_taken_at_once_and_taken_back(api: MakeApi) -> None:
    admin, known = api("admin"), CauseFactory.create(code="roaming", name="Roaming")
    for code, n_cases in (("romaing", 2), ("roaming!", 1), ("other", 1)):
        waits = CauseFactory.create(code=code, name=code, mapped_at=None)
        for _ in range(n_cases):
            ResolutionFactory.create(cause=waits)
    first = admin.get(f"{V1}/cause-queue/", page_size="2").json()
    rest = admin.get(first["next"]).json()
    assert [w["code"] for w in first["results"] + rest["results"]] == [
        "romaing",
        "other",
        "roaming!",
    ]
    assert first["results"][0]["suggestions"][0]["code"] == "roaming"
    pairs = [{"code": code, "into": "roaming"} for code in ("romaing", "roaming!")]
    taken = admin.post(f"{V1}/cause-queue/take/", {"take": pairs}).json()
    assert Resolution.objects.filter(cause=known).count() == 3
    assert [change["by_key"] for change in taken["changes"]] == ["A test", "A test"]
    batch = {"batch": taken["batch"]}
    assert admin.post(f"{V1}/cause-queue/undo/", batch).json() == {"n_undone": 2}
    assert admin.post(f"{V1}/cause-queue/undo/", batch).status_code == 409
    assert Resolution.objects.filter(cause=known).count() == 0
    wrong = {"take": [*pairs, {"code": "nothing", "into": "roaming"}]}
    assert admin.post(f"{V1}/cause-queue/take/", wrong).status_code == 409
    assert not Cause.objects.filter(merged_into=known).exists()
    assert _field(admin.post(f"{V1}/cause-queue/take/", {"take": []})) == "take"


def test_rule_is_tried_added_moved_changed_applied_and_deleted(api: MakeApi) -> None:
    admin = api("admin")
    known = CauseFactory.create(code="roaming", name="Roaming")
    case = CaseFactory.create(tags=["roaming"])
    resolution = ResolutionFactory.create(case=case, cause=None)
    rules, wish = f"{V1}/cause-rules/", RULE | {"cause": "roaming"}
    tried = admin.post(f"{rules}try/", wish).json()
    assert (tried["n_tried"], tried["changed"][0]["becomes"]) == (1, "Roaming")
    assert not CauseRule.objects.exists()
    first = admin.post(rules, wish | {"text": "vip"}).json()
    made = admin.post(rules, wish).json()
    assert admin.post(f"{rules}{made['id']}/move/", {"step": -1}).status_code == 200
    assert [one["id"] for one in admin.get(rules).json()["results"]] == [made["id"], first["id"]]
    own = f"{rules}{made['id']}/"
    assert admin.get(f"{own}apply/").json()["n_cases"] == 1
    assert admin.post(f"{own}apply/", {}).json()["n_cases"] == 1
    assert admin.post(f"{own}apply/", {}).status_code == 409
    resolution.refresh_from_db()
    assert resolution.cause == known
    seal = admin.get(own)["ETag"]
    assert (
        admin.patch(own, {"text": "abroad"}, headers={"If-Match": seal}).json()["text"] == "abroad"
    )
    assert admin.patch(own, {"text": "here"}, headers={"If-Match": seal}).status_code == 412
    assert admin.delete(own).status_code == 204
    assert admin.get(own).status_code == 404
    gone = CauseChange.objects.filter(kind="ruled").first()
    assert gone is not None
    assert gone.author == "API key “A test”"
    assert admin.post(f"{V1}/cause-changes/{gone.pk}/undo/", {}).status_code == 201
    assert admin.get(own).json()["text"] == "abroad"


def test_rule_with_a_fault_is_refused(api: MakeApi) -> None:
    table: list[tuple[dict[str, Any], str]] = [
        ({"what": "weather"}, "what"),
        ({"how": "near"}, "how"),
        ({"text": " "}, "rule"),
        ({"cause": "nothing"}, "rule"),
        ({"text": "a\x00"}, "text"),
        ({"instead_of": 2**70}, "instead_of"),
    ]
    CauseFactory.create(code="roaming")
    admin, wish = api("admin"), RULE | {"cause": "roaming"}
    for change, field in table:
        assert _field(admin.post(f"{V1}/cause-rules/try/", wish | change)) == field


def test_cause_is_split_as_it_was_shown(api: MakeApi) -> None:
    admin = api("admin")
    cause = CauseFactory.create(code="a/billing")
    moved = ResolutionFactory.create(case=CaseFactory.create(tags=["roaming"]), cause=cause)
    stays = ResolutionFactory.create(cause=cause)
    address, wish = f"{V1}/causes/a/billing/split/", RULE | {"into": "roaming", "name": "Roaming"}
    assert admin.get(address, **wish).json()["n_cases"] == 1
    assert not Cause.objects.filter(code="roaming").exists()
    done = admin.post(address, wish).json()
    assert (done["kind"], done["n_cases"], done["by_key"]) == ("split", 1, "A test")
    moved.refresh_from_db(), stays.refresh_from_db()
    assert (str(moved.cause), stays.cause) == ("Roaming", cause)
    assert admin.post(address, wish | {"text": "nothing has it"}).status_code == 409
    assert _field(admin.get(address, **(wish | {"how": ""}))) == "how"
    assert admin.get(f"{V1}/causes/nothing/split/", **wish).status_code == 404


def test_mail_of_unknown_outcome_is_sent_again_unless_answered(api: MakeApi) -> None:
    admin = api("admin")
    mails = [
        DeliveryFactory.create(
            status="unknown", invitation=InvitationFactory.create(status="unknown")
        )
        for _ in range(2)
    ]
    listed = admin.get(f"{V1}/unknown-mails/").json()["results"]
    assert [one["id"] for one in listed] == [mails[1].pk, mails[0].pk]
    assert listed[1]["email"] == mails[0].invitation.customer.email
    again = f"{V1}/unknown-mails/{mails[0].pk}/resend/"
    assert [admin.post(again, {}).status_code for _ in range(2)] == [200, 409]
    answer = admin.post(f"{V1}/unknown-mails/resend/", {}).json()
    assert answer == {"n_again": 1, "n_left": 0}
    assert set(Delivery.objects.values_list("status", flat=True)) == {"queued"}


def test_bounces_are_listed_and_counted(api: MakeApi) -> None:
    admin, now = api("admin"), timezone.now()
    sent = DeliveryFactory.create(channel="api", status="sent", sent_at=now)
    bounces.take_told(sent.pk, Fate(Kind.HARD, words="no such user"), "api", now)
    [told] = admin.get(f"{V1}/bounces/", kind="hard").json()["results"]
    effect = DeliveryReport.objects.get().effect
    assert (told["words"], told["effect"]) == ("no such user", effect)
    assert admin.get(f"{V1}/bounces/", kind="soft").json()["results"] == []
    assert _field(admin.get(f"{V1}/bounces/", kind="none")) == "kind"
    assert admin.get(f"{V1}/bounces/counts/").json()["kinds"]["hard"] == 1


def test_suppressions_come_and_go_as_csv_with_their_story(api: MakeApi) -> None:
    admin, way = api("admin"), f"{V1}/suppressions/import/"
    file = "email,reason\nada@example.com,complained\nnobody\nbo@example.com,\n"
    tried = admin.post(way, {"csv": file, "dry_run": True}).json()
    assert (tried["n_new"], tried["faults"][0]["line"]) == (2, 3)
    assert not Suppression.objects.exists()
    assert admin.post(way, {"csv": file}).json()["n_new"] == 2
    sent = admin.get(f"{V1}/suppressions/", format="csv", reason="complained")
    lines = b"".join(sent.streaming_content).decode().splitlines()
    assert lines[0] == "email,reason,since,source,who"
    assert [line.split(",")[0] for line in lines[1:]] == ["ada@example.com"]
    [told] = admin.get(f"{V1}/suppression-changes/", email="ada@example.com").json()["results"]
    assert (told["kind"], told["source"], told["who"]) == ("added", "import", "API key A test")
    assert _field(admin.post(way, {"csv": "name\nx\n"})) == "csv"


def test_survey_is_handed_over_by_its_link_which_no_table_keeps(api: MakeApi) -> None:
    admin = api("admin")
    invitation = InvitationFactory.create(status="scheduled", sent_at=None)
    case = invitation.resolution.case
    sent = {"source": case.source, "external_id": case.external_id}
    told, again = (
        admin.post(f"{V1}/survey-links/", sent, **{"Idempotency-Key": "l"}).json() for _ in range(2)
    )
    assert told == again
    assert told["address"].endswith(f"/s/{token_of(invitation.nonce)}/")
    assert Invitation.objects.get(pk=invitation.pk).status == "sent"
    assert told["address"] not in str(IdempotentReply.objects.get().body)
    assert admin.post(f"{V1}/survey-links/", sent | {"external_id": "x"}).status_code == 409


def test_screen_is_added_shown_a_survey_and_taken_out_of_use(api: MakeApi) -> None:
    admin = api("admin")
    made = admin.post(f"{V1}/kiosks/", {"name": " Counter 2 "}).json()
    kiosk = Kiosk.objects.get()
    assert made["address"].endswith(f"/k/{kiosks.token_of(kiosk)}/")
    own = f"{V1}/kiosks/{made['id']}/"
    assert admin.get(own).json()["address"] == made["address"]
    case = InvitationFactory.create(status="scheduled", sent_at=None).resolution.case
    sent = {"source": case.source, "external_id": case.external_id}
    assert admin.post(f"{own}show/", sent).json()["state"] == "waiting"
    assert admin.delete(own).status_code == 204
    assert [admin.get(own).status_code, admin.post(f"{own}show/", sent).status_code] == [404, 404]
    assert _field(admin.post(f"{V1}/kiosks/", {"name": " "})) == "name"


def test_customer_is_counted_and_then_erased(api: MakeApi) -> None:
    admin, customer = api("admin"), CaseFactory.create().customer
    way, sent = f"{V1}/erasures/", {"address": customer.email}
    counted = admin.post(way, sent | {"dry_run": True}, **{"Idempotency-Key": "e"}).json()
    assert (counted["customers"], counted["dry_run"]) == (1, True)
    assert Customer.objects.get(pk=customer.pk).email == customer.email
    assert admin.post(way, sent).json()["customers"] == 1
    assert Customer.objects.get(pk=customer.pk).email == ""
    assert _field(admin.post(way, {"address": "nobody"})) == "address"


def test_sample_data_is_removed_and_real_cases_stay(api: MakeApi) -> None:
    admin, real = api("admin"), CaseFactory.create()
    CaseFactory.create(is_sample=True)
    assert admin.get(f"{V1}/sample-data/").json() == {"is_loaded": False, "n_cases": 1}
    assert admin.delete(f"{V1}/sample-data/").status_code == 204
    assert list(Case.objects.all()) == [real]


def test_keys_without_the_scope_are_refused(api: MakeApi) -> None:
    other = api(*(scope for scope in ApiKey.Scope.values if scope != "admin"))
    for way in ("staff", "keys", "cause-rules/try", "erasures", "survey-links"):
        assert other.post(f"{V1}/{way}/", {}).status_code == 403
