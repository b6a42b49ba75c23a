"""The mails of a questionnaire, as they will be read, and one sent to oneself."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.builder.documents import SCHEMES, forced, in_frame, scheme_of
from surveys.builder.frame import EDITORS, questionnaire_or_404, render_builder
from surveys.builder.mailing.choice import NO_BRAND, Choice, choose, selects
from surveys.console.roles import IDENTITIES, SET_UP, StaffRequest, role_of, staff
from surveys.mail.message import MessageError
from surveys.mail.skeleton import SkeletonError
from surveys.questionnaire.schema import DefinitionError
from surveys.questionnaire.texts import direction
from surveys.respondent.limiter import Limiter
from surveys.services import mail_tests, preview_links
from surveys.services.mail_tests import Links
from surveys.services.preview_links import LinkError

TEST_LINK_DAYS = 7
# Each process counts for itself: this guards one's own mailbox, not a secret.
LIMITER = Limiter(burst=5, per_second=1 / 60)
# What keeps a mail from being made, each with words of its own.
UNMADE = (LinkError, DefinitionError, LookupError, SkeletonError, MessageError)


@dataclass(frozen=True)
class Shown:
    """A mail in its parts."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    n_bytes: int


def _shown(choice: Choice) -> Shown:
    """The mail as the outbox would send it, to nobody."""
    site = settings.SITE_URL
    content = mail_tests.compose(
        choice.skeleton(choice.local_look),
        choice.data,
        choice.look,
        Links(f"{site}/s/preview/", f"{site}/u/preview/"),
        to="customer@example.org",
        now=timezone.now(),
    )
    message = email.message_from_bytes(content, policy=email.policy.default)
    names = ("Subject", "From", "Reply-To")
    return Shown(
        [(name, str(message[name])) for name in names if message[name]],
        _part(message, "plain"),
        _part(message, "html"),
        len(content),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _words(error: Exception) -> str:
    if isinstance(error, LookupError):
        return "The page that comes first has no headline question yet, which every mail asks."
    return str(error)


@require_safe
@csp_update({"frame-src": [SELF]})
@staff(SET_UP)
def questionnaire_mail(request: StaffRequest, slug: str) -> HttpResponse:
    """One mail in HTML, light and dark, as text, and its headers."""
    questionnaire = questionnaire_or_404(slug)
    context: dict[str, object] = {"schemes": SCHEMES, "address": request.user.email}
    try:
        choice = choose(questionnaire, request.GET.dict(), request.user)
        context |= {
            "choice": choice,
            "selects": selects(choice, request.user),
            "direction": direction(choice.language),
            "sees_cases": role_of(request.user) in IDENTITIES,
        }
        context["mail"] = _shown(choice)
    except UNMADE as error:
        context["fault"] = _words(error)
    return render_builder(
        request,
        "builder/mail.html",
        context,
        questionnaire=questionnaire,
        current="questionnaire_mail",
    )


@require_safe
@in_frame
@staff(SET_UP)
def questionnaire_mail_html(request: StaffRequest, slug: str) -> HttpResponse:
    """The mail's own HTML and nothing else, for the frame."""
    try:
        choice = choose(questionnaire_or_404(slug), request.GET.dict(), request.user)
        html = _shown(choice).html
    except UNMADE as error:
        raise Http404(_words(error)) from error
    return HttpResponse(forced(html, scheme_of(request.GET.get("scheme"))))


@require_POST
@staff(EDITORS)
def questionnaire_test_send(request: StaffRequest, slug: str) -> HttpResponse:
    """Send the mail to whoever is signed in, and to nobody else."""
    questionnaire = questionnaire_or_404(slug)
    back = reverse("questionnaire_mail", args=[slug])
    try:
        choice = choose(questionnaire, request.POST.dict(), request.user)
        is_listed = request.POST.get("from") == "checklist"
        back = reverse("overview") if is_listed else f"{back}?{choice.query}"
        if not LIMITER.allows(str(request.user.pk)):
            messages.warning(request, "Not sent: five tests in a row are enough. Wait a minute.")
            return HttpResponseRedirect(back)
        outcome = _sent(choice, request)
    except UNMADE as error:
        messages.error(request, f"Not sent: {_words(error)}")
        return HttpResponseRedirect(back)
    tell = {"success": messages.success, "warning": messages.warning, "error": messages.error}
    tell[outcome.level](request, outcome.words)
    return HttpResponseRedirect(back)


def _sent(choice: Choice, request: StaffRequest) -> mail_tests.Outcome:
    now = timezone.now()
    user = request.user
    words = (
        f"This is a test of “{choice.questionnaire.name}”, {choice.shown}, sent by {user} to "
        "themselves. Its links lead to a preview; nothing that is answered there is counted."
    )
    # Composed before the link is made: what cannot be sent leaves no link behind.
    skeleton = mail_tests.marked(choice.skeleton(choice.look), words)
    _, token = preview_links.make(
        choice.questionnaire,
        choice.version,
        user=user,
        days=TEST_LINK_DAYS,
        now=now,
        is_test_mail=True,
    )
    brand = choice.brand.slug if choice.brand else NO_BRAND
    path = reverse("preview_test", args=[token, choice.asks, choice.arm, choice.language, brand])
    links = Links(
        survey=f"{settings.SITE_URL}{path}",
        unsubscribe=f"{settings.SITE_URL}{reverse('preview_unsubscribe', args=[token])}",
    )
    content = mail_tests.compose(
        skeleton, choice.data, choice.look, links, to=user.email, now=now, mark=mail_tests.MARK
    )
    return mail_tests.send(content, user.email)
