"""The inbox of a trial installation: what customers would have received, and a case to try it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from surveys.console.caught_mail import (
    Mail,
    NoSuchMailError,
    count_mails,
    newest_mails,
    open_mail,
)
from surveys.console.pages import render_page
from surveys.console.roles import IDENTITIES, StaffRequest, staff
from surveys.questionnaire.texts import language_name, languages
from surveys.services.demo_case import resolve_demo_case
from surveys.tasks import dispatch_due

LANGUAGE_NAMES = {code: language_name(code) for code in languages()}

# Mails name our own pictures by the address of the installation.
_SITE = "{0.scheme}://{0.netloc}".format(urlsplit(settings.SITE_URL))


def directory() -> Path | None:
    """Where mail is caught; None where it leaves this installation for real."""
    caught: Path | None = settings.CAUGHT_MAIL
    return caught


def catches_mail() -> bool:
    """Whether mail goes to the catcher: only then may an invented customer be written to."""
    return directory() is not None


def language_choices() -> list[tuple[str, str]]:
    """The languages a survey can be tried in, under their own names."""
    return [(code, LANGUAGE_NAMES.get(code, code)) for code in languages()]


@require_safe
@staff(IDENTITIES)
def inbox(request: StaffRequest) -> HttpResponse:
    """The newest mails; with `?waiting=N` one is awaited beyond the N that were there."""
    before = request.GET.get("waiting", "")
    mails = newest_mails(directory())
    n_mails = count_mails(directory())
    context = {
        "mails": mails,
        "n_mails": n_mails,
        "is_waiting": before.isdecimal() and n_mails <= int(before[:9]),
        "languages": language_choices(),
        "catches_mail": catches_mail(),
    }
    return render_page(request, "console/inbox.html", context, current="inbox")


@require_safe
@staff(IDENTITIES)
def inbox_count(request: StaffRequest) -> HttpResponse:
    """How many mails there are, for the page that waits for one."""
    return JsonResponse({"n_mails": count_mails(directory())})


def _mail_or_404(name: str) -> Mail:
    try:
        return open_mail(directory(), name)
    except NoSuchMailError:
        raise Http404("No such mail.") from None


@require_safe
@csp_update({"frame-src": [SELF]})
@staff(IDENTITIES)
def one_mail(request: StaffRequest, name: str) -> HttpResponse:
    """A mail as its reader sees it, as plain text, and its headers."""
    context = {"mail": _mail_or_404(name)}
    return render_page(request, "console/mail.html", context, current="inbox")


@require_safe
@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": [NONE],
        "script-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": [SELF, _SITE, "data:"],  # a brand's logo, and nothing from elsewhere
        "connect-src": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        # Opaque origin, no scripts; a tapped rating opens the survey in a tab of its own.
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
)
@staff(IDENTITIES)
def mail_document(request: StaffRequest, name: str) -> HttpResponse:
    """The mail's own HTML, and nothing else, for the sandboxed frame."""
    html = _mail_or_404(name).html
    base = '<base target="_blank">'
    head = html.find("<head>")
    shown = html[: head + 6] + base + html[head + 6 :] if head >= 0 else base + html
    return HttpResponse(shown)


@require_POST
@staff(IDENTITIES)
def try_case(request: StaffRequest) -> HttpResponse:
    """Resolve an invented case now, so that its survey arrives within seconds."""
    if not catches_mail():
        messages.error(request, "Mail leaves for real here, so no invented customer is written to.")
        return HttpResponseRedirect(reverse("inbox"))
    language = request.POST.get("language", "en")
    if language not in languages():
        language = "en"
    n_mails = count_mails(directory())
    outcome = resolve_demo_case(language=language, now=timezone.now())
    if not outcome.is_scheduled:
        messages.warning(request, f"The case was resolved, but not surveyed: {outcome.reason}")
        return HttpResponseRedirect(reverse("inbox"))
    dispatch_due.delay_on_commit()  # type: ignore[attr-defined]  # of the Celery app's task class
    messages.success(request, f"Case {outcome.external_id} is resolved; its survey is on the way.")
    return HttpResponseRedirect(f"{reverse('inbox')}?waiting={n_mails}")
