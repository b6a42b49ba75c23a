"""Loads and removes the sample half year, through the services that real cases go through.

Only the sending is told and not done: the mails of half a year ago are marked as sent at the
moment they were due, and nothing of the sample is left to be sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from django.db import connection, transaction

from surveys.models import (
    Agent,
    AnswerChange,
    Case,
    Cause,
    Customer,
    Invitation,
    Product,
    Response,
    Team,
    UnseparatedRating,
    User,
)
from surveys.questionnaire.asking import Answer
from surveys.questionnaire.rendering import parse_answers
from surveys.sample import cast, story
from surveys.services import answering, intake, tokens, wishes
from surveys.services.answering import Asked
from surveys.services.expiry import expire_due
from surveys.services.intake_reading import convert_case
from surveys.services.sample_signals import loaded, removed

SOURCE = "demo"
DOMAIN = "demo.example"
PASSWORD = "stabledoor-demo"  # noqa: S105 -- printed beside every demo login
N_CASES, SEED = 4_000, 1
BATCH = 500
# Two mails in a hundred meet a mailbox that is gone, so that the response rates have a tail.
ONE_BOUNCE_IN = 50

# What was asked for before was done, and nobody noted it here.
WISHED_LATELY = dt.timedelta(days=6)
_MUCH = 4

Progress = Callable[[int], object]


def is_loaded() -> bool:
    """Whether the story is there; a case resolved to try things out is sample data too, and none
    of it."""
    return Case.objects.filter(
        is_sample=True, source=SOURCE, external_id__startswith=story.CASE_PREFIX
    ).exists()


def load_once(now: dt.datetime) -> bool:
    """Load the sample for who asked for it on a page; False where it is there already.

    Without the sample logins: their password is known to everyone, and the installation has its
    own. Who clicks twice waits for the first click and loads nothing.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('sample data', 0))")
        if is_loaded():
            return False
        load_sample(N_CASES, SEED, now, lambda _: None, with_logins=False)
        return True


def load_sample(
    n_cases: int, seed: int, now: dt.datetime, progress: Progress, *, with_logins: bool = True
) -> int:
    """Load the half year before `now`; `progress` hears how many cases were done.

    One transaction: a load cut short leaves nothing behind. Returns the number of responses.
    """
    with transaction.atomic():
        _cast(with_logins)
        told = list(story.tell(n_cases, seed, now))
        for part in _parts(told):
            _take_in((one.case for one in part), now)
            progress(len(part))
        Cause.objects.filter(code__in=[cause.code for cause in cast.CAUSES]).update(mapped_at=now)
        _tell_the_sending()
        n_responses = _answer(told, now)
        _take_in(_reopenings(told, now), now)
        Response.objects.filter(invitation__is_sample=True).update(is_sample=True)
        while expire_due(now):
            pass
        loaded.send(None, now=now)
    return n_responses


def remove_sample_data() -> int:
    """Remove every sample row, and subtract its answers; real cases are not touched.

    The last active admin stays, sample or not: nobody may lock themselves out with one click.
    Returns the number of cases removed.
    """
    with transaction.atomic():
        responses = Response.objects.filter(is_sample=True).values_list("pk", flat=True)
        AnswerChange.objects.bulk_create(AnswerChange(response_id=pk) for pk in responses)
        cases = Case.objects.filter(is_sample=True)
        customers = list(cases.values_list("customer_id", flat=True))
        n_cases = cases.count()
        UnseparatedRating.objects.filter(is_sample=True).delete()
        cases.delete()
        Customer.objects.filter(pk__in=customers, case__isnull=True).delete()
        _remove_users()
        Agent.objects.filter(is_sample=True, resolutionagent__isnull=True).delete()
        for model in (Team, Product, Cause):
            model.objects.filter(is_sample=True, resolution__isnull=True).delete()
        removed.send(None)
    return n_cases


def logins() -> list[tuple[User.Role, str]]:
    """Role and address of each sample login, the most useful first."""
    roles = (
        User.Role.MANAGER,
        User.Role.ADMIN,
        User.Role.TEAM_LEAD,
        User.Role.AGENT,
        User.Role.CAUSE_OWNER,
        User.Role.ANALYST,
        User.Role.DESIGNER,
    )
    return [(role, f"{role.value.replace('_', '-')}@{DOMAIN}") for role in roles]


def _cast(with_logins: bool) -> None:
    """Teams with their agents, products, causes with their owner, and one login per role. What a
    tried case mentioned first is completed; what is real stays as it is."""
    made = {
        name: Team.objects.get_or_create(name=name, defaults={"is_sample": True})[0]
        for name in cast.TEAMS
    }
    teams = {name: team.merged_into or team for name, team in made.items()}
    Agent.objects.bulk_create(
        [
            Agent(external_id=story.agent_id(name), name=name, team=teams[team], is_sample=True)
            for team, names in cast.TEAMS.items()
            for name in names
        ],
        ignore_conflicts=True,
    )
    for name, team in teams.items():
        ids = [story.agent_id(agent) for agent in cast.TEAMS[name]]
        Agent.objects.filter(external_id__in=ids, is_sample=True).update(team=team)
    for name in sorted({cause.product for cause in cast.CAUSES}):
        Product.objects.get_or_create(name=name, defaults={"is_sample": True})
    if with_logins:
        for role, email in logins():
            _login(role, email)
    owner = User.objects.filter(email=f"cause-owner@{DOMAIN}").first()
    for cause in cast.CAUSES:
        told = {
            "name": cause.name,
            "description": cause.description,
            "owner": owner if cause.team == "Contracts" else None,
        }
        Cause.objects.get_or_create(code=cause.code, defaults={**told, "is_sample": True})
        Cause.objects.filter(code=cause.code, is_sample=True).update(**told)


def _login(role: User.Role, email: str) -> None:
    if User.objects.filter(email=email).exists():
        return
    agent = Agent.objects.get(external_id=story.agent_id(cast.TEAMS["Contracts"][0]))
    User.objects.create_user(
        email,
        PASSWORD,
        role=role,
        name=agent.name if role == User.Role.AGENT else f"Sample {role.value.replace('_', ' ')}",
        team=agent.team if role == User.Role.TEAM_LEAD else None,
        agent=agent if role == User.Role.AGENT else None,
        is_sample=True,
    )


def _remove_users() -> None:
    others = User.objects.filter(is_active=True, role=User.Role.ADMIN, is_sample=False)
    leaving = User.objects.filter(is_sample=True)
    if not others.exists():
        leaving = leaving.exclude(role=User.Role.ADMIN)
    leaving.delete()


def _parts(told: Iterable[story.StoryCase]) -> Iterator[list[story.StoryCase]]:
    rest = iter(told)
    while part := list(islice(rest, BATCH)):
        yield part


def _reopenings(told: Iterable[story.StoryCase], now: dt.datetime) -> Iterator[dict[str, object]]:
    for one in told:
        if one.reopened_at and one.reopened_at < now:
            yield {
                "source": SOURCE,
                "external_id": one.case["external_id"],
                "status": "reopened",
                "occurred_at": one.reopened_at.isoformat(),
            }


def _take_in(cases: Iterable[dict[str, object]], now: dt.datetime) -> None:
    reports = [convert_case(case, now) for case in cases]
    for outcome in intake.take(reports, now=now, is_sample=True):
        if outcome.errors:
            raise RuntimeError(f"sample case {outcome.external_id}: {outcome.errors}")


# The mails of the past, each at the moment it was due; one in fifty found no mailbox.
_SENT = """
UPDATE surveys_invitation i
   SET status = CASE WHEN i.id %% %(bounce)s = 0 THEN 'failed' ELSE 'sent' END,
       reason_code = CASE WHEN i.id %% %(bounce)s = 0 THEN 'refused' ELSE '' END,
       reason = CASE WHEN i.id %% %(bounce)s = 0
                     THEN 'The mail server refused it: 550 5.1.1 no such mailbox' ELSE '' END,
       sent_at = CASE WHEN i.id %% %(bounce)s = 0 THEN NULL ELSE i.due_at END,
       expires_at = i.due_at + make_interval(days => p.close_days)
  FROM surveys_policy p
 WHERE p.id = i.policy_id AND i.is_sample AND i.status = 'scheduled'
   AND i.resolution_id IN (SELECT r.id FROM surveys_resolution r
                             JOIN surveys_case c ON c.id = r.case_id
                            WHERE c.source = %(source)s AND starts_with(c.external_id, %(prefix)s))
"""
_DELIVERED = """
UPDATE surveys_delivery d
   SET status = i.status, sent_at = i.sent_at, n_attempts = 1, last_error = i.reason
  FROM surveys_invitation i
 WHERE i.id = d.invitation_id AND i.is_sample AND d.status = 'queued'
   AND i.status IN ('sent', 'failed')
"""


def _tell_the_sending() -> None:
    with connection.cursor() as cursor:
        # Thousands of rows have just come to tables whose statistics may still say a handful: the
        # planner would then compare every invitation with every case, for minutes.
        cursor.execute("ANALYZE surveys_case, surveys_resolution, surveys_invitation")
        cursor.execute(
            _SENT, {"bounce": ONE_BOUNCE_IN, "source": SOURCE, "prefix": story.CASE_PREFIX}
        )
        cursor.execute(_DELIVERED)


def _answer(told: Iterable[story.StoryCase], now: dt.datetime) -> int:
    """Post the answers of the story, each at its own time, through the service of the pages."""
    invitations = {
        external_id: (nonce, due_at)
        for external_id, nonce, due_at in Invitation.objects.filter(
            is_sample=True, status="sent", due_at__isnull=False
        ).values_list("resolution__case__external_id", "nonce", "due_at")
    }
    n_responses = 0
    for one in told:
        invited = invitations.get(one.case["external_id"])
        if one.answers is None or invited is None:
            continue
        nonce, due_at = invited
        answered_at = (due_at or now) + one.answer_delay
        if answered_at > now:
            continue
        asked = answering.find(tokens.token_of(nonce), answered_at)
        if asked is None:
            raise RuntimeError(f"the sample invitation of {one.case['external_id']} has no survey")
        definition = asked.definition
        parsed = parse_answers(definition, asked.rotation, asked.facts, one.answers)
        answering.store_answers(asked, parsed.answers, language=asked.language, now=answered_at)
        n_responses += 1
        if answered_at > now - WISHED_LATELY:
            _wish(asked, parsed.answers, n_responses, answered_at)
    return n_responses


def _wish(asked: Asked, answers: Mapping[str, Answer], nth: int, now: dt.datetime) -> None:
    """Of those who minded it much every other asks for a call, for news of the cause, or both."""
    rating = answers.get("C1")
    if isinstance(rating, int) and rating >= _MUCH and nth % 2:
        wishes.store_wishes(asked, call_back=nth % 3 != 0, news=nth % 3 != 1, now=now)
