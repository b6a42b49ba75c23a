"""The table of a questionnaire's texts in one language beside the one they were written in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from babel import Locale, UnknownLocaleError
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.builder.frame import EDITORS, questionnaire_or_404, render_builder, unless_archived
from surveys.console.figures import plural
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import Questionnaire
from surveys.questionnaire.texts import direction, language_name, languages
from surveys.questionnaire.translating import Progress, Row
from surveys.services import translations
from surveys.services.archiving import ArchivedError
from surveys.services.drafts import Conflict
from surveys.services.translations import Saved, Typed

ROUTE: Final = "questionnaire_translations"
#: A form holds at most a thousand fields, and here are two to a text.
TEXTS_OF_A_PAGE: Final = 200
#: Languages besides those that ship with all pages and mails.
FURTHER: Final = (
    *("bg", "ca", "cs", "da", "el", "et", "eu", "fa", "fi", "ga", "gl", "hi", "hr", "hu", "id"),
    *("is", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "pt-PT", "ro", "ru", "sk", "sl", "sq", "sr"),
    *("th", "uk", "ur", "vi", "zh-Hans", "zh-Hant"),
)
SHOWN: Final = (("all", "All"), ("missing", "Missing"), ("changed", "Source changed"))


@dataclass(frozen=True)
class Language:
    """A language's line: how far it is, and what may be done with it."""

    progress: Progress
    name: str
    own_name: str
    direction: str
    ships: bool
    is_current: bool

    @property
    def code(self) -> str:
        return self.progress.language


@dataclass(frozen=True)
class Line:
    """A text's line. ``typed`` is what stands in the field where it could not be kept."""

    row: Row
    typed: str
    refused: str
    theirs: str | None

    @property
    def n_lines(self) -> int:
        """How high the field must be to show the text without scrolling."""
        return min(6, 1 + max(len(self.row.source), len(self.typed)) // 45)


def name_of(language: str) -> str:
    """A language in English, as staff know it; its code where nobody has named it."""
    try:
        return Locale.parse(language, sep="-").get_display_name("en") or language
    except (ValueError, LookupError, UnknownLocaleError):
        return language


def address(slug: str, language: str = "", show: str = "", page: int = 1) -> str:
    """Where a language's table stands, filtered, from which page of it on."""
    query = QueryDict(mutable=True)
    parts = (("language", language), ("show", show if show != "all" else ""))
    query.update({key: value for key, value in parts if value})
    if page > 1:
        query["page"] = str(page)
    url = reverse(ROUTE, args=[slug])
    return f"{url}?{query.urlencode()}" if query else url


@require_safe
@staff(SET_UP)
def table(request: StaffRequest, slug: str) -> HttpResponse:
    """The languages and, of one of them, every text."""
    return show_table(
        request,
        questionnaire_or_404(slug),
        request.GET.get("language", ""),
        request.GET.get("show", "all"),
        _page(request.GET.get("page", "")),
    )


def _page(wanted: str) -> int:
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1


def show_table(
    request: StaffRequest,
    questionnaire: Questionnaire,
    wanted: str,
    show: str,
    page: int,
    *,
    typed: dict[str, str] | None = None,
    saved: Saved | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; ``typed`` and ``saved`` bring back what was typed and could not be kept."""
    now = timezone.now()
    overview = translations.overview(questionnaire, now)
    current = _current(overview.languages, wanted)
    context: dict[str, object] = {
        "overview": overview,
        "default_name": name_of(overview.default),
        "default_dir": direction(overview.default),
        "languages": [_language(one, one.language == current) for one in overview.languages],
        "offered": _offered({overview.default, *(one.language for one in overview.languages)}),
    }
    if current:
        show = show if show in dict(SHOWN) else "all"
        shown = translations.table(questionnaire, current, now)
        context |= {
            "current": _language(
                next(one for one in overview.languages if one.language == current), True
            ),
            **_paged(
                _lines(shown.rows, show, typed or {}, saved),
                page,
                lambda number: address(questionnaire.slug, current, show, number),
            ),
            "filters": _filters(questionnaire.slug, current, show, shown.rows),
            "show": show,
            "n_shipped": shown.n_shipped,
        }
    return render_builder(
        request,
        "builder/translations.html",
        context,
        questionnaire=questionnaire,
        current=ROUTE,
        status=status,
    )


def _current(known: Iterable[Progress], wanted: str) -> str:
    """The language asked for, else the first with something to do, else the first."""
    found = list(known)
    if any(one.language == wanted for one in found):
        return wanted
    open_ = [one for one in found if one.n_missing or one.n_changed] or found
    return open_[0].language if open_ else ""


def _language(one: Progress, is_current: bool) -> Language:
    code = one.language
    return Language(
        progress=one,
        name=name_of(code),
        own_name=language_name(code) if code.partition("-")[0] in languages() else "",
        direction=direction(code),
        ships=code.partition("-")[0] in languages(),
        is_current=is_current,
    )


def _offered(there: set[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The languages that can be added, those first whose pages and mails ship."""
    groups = (
        ("With buttons, errors and mails", languages()),
        ("Questions only; buttons and mails in English", FURTHER),
    )
    return [
        (label, sorted(((code, name_of(code)) for code in codes if code not in there), key=_second))
        for label, codes in groups
    ]


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


def _lines(
    rows: Iterable[Row], show: str, typed: dict[str, str], saved: Saved | None
) -> list[Line]:
    refused = saved.refused if saved else {}
    theirs = saved.overtaken if saved else {}
    return [
        Line(
            row,
            typed.get(row.name, row.text)
            if row.name in refused or row.name in theirs
            else row.text,
            refused.get(row.name, ""),
            theirs.get(row.name),
        )
        for row in rows
        if row.source
        and (
            show == "all"
            or (show == "missing" and row.missing)
            or (show == "changed" and row.changed)
            or row.name in refused
            or row.name in theirs
        )
    ]


def _paged(lines: list[Line], page: int, url: Callable[[int], str]) -> dict[str, object]:
    """The lines of one page, and where the next and the one before stand."""
    n_pages = max(1, -(-len(lines) // TEXTS_OF_A_PAGE))
    page = min(max(page, 1), n_pages)
    first = (page - 1) * TEXTS_OF_A_PAGE
    return {
        "lines": lines[first : first + TEXTS_OF_A_PAGE],
        "page": page,
        "n_pages": n_pages,
        "earlier": url(page - 1) if page > 1 else "",
        "later": url(page + 1) if page < n_pages else "",
    }


def _filters(slug: str, language: str, show: str, rows: tuple[Row, ...]) -> list[dict[str, object]]:
    counts = {
        "all": sum(bool(row.source) for row in rows),
        "missing": sum(row.missing for row in rows),
        "changed": sum(row.changed for row in rows),
    }
    return [
        {
            "label": label,
            "count": counts[key],
            "url": address(slug, language, key),
            "is_current": key == show,
        }
        for key, label in SHOWN
    ]


@require_POST
@staff(EDITORS)
@unless_archived
def save(request: StaffRequest, slug: str, language: str) -> HttpResponse:
    """Store the texts of the table that were changed; say of each that could not be kept why."""
    questionnaire = questionnaire_or_404(slug)
    show, page = request.POST.get("show", "all"), _page(request.POST.get("page", ""))
    typed = {
        key.removeprefix("text:"): Typed(
            str(value), request.POST.get("was:" + key.removeprefix("text:"), "")
        )
        for key, value in request.POST.items()
        if key.startswith("text:")
    }
    fits = request.POST.get("fits", "")
    try:
        saved = translations.set_texts(
            questionnaire, language, typed, user=request.user, now=timezone.now()
        )
        if fits:
            translations.still_fits(questionnaire, language, fits, timezone.now())
    except LookupError:
        raise Http404("No such language.") from None
    except ArchivedError as error:
        if not _wants_data(request):
            raise
        faults = dict.fromkeys(typed, f"Not saved. {error.message}")
        return JsonResponse({"n_saved": 0, "faults": faults, "theirs": {}}, status=409)
    except Conflict as conflict:
        if _wants_data(request):
            return JsonResponse({"message": conflict.message}, status=503)
        messages.error(request, f"Nothing was saved: {conflict.message} Please try again.")
        return HttpResponseRedirect(address(slug, language, show, page))
    if _wants_data(request):
        return JsonResponse(_told(saved), status=409 if saved.refused or saved.overtaken else 200)
    if saved.refused or saved.overtaken:
        kept = {name: one.text for name, one in typed.items()}
        return show_table(
            request, questionnaire, language, show, page, typed=kept, saved=saved, status=409
        )
    if saved.n_saved:
        messages.success(request, f"{plural(saved.n_saved, 'text')} saved.")
    return HttpResponseRedirect(address(slug, language, show, page))


def _wants_data(request: StaffRequest) -> bool:
    """Whether the page's script asks, which saves each text when it is left."""
    return request.headers.get("Accept") == "application/json"


def _told(saved: Saved) -> dict[str, object]:
    """What became of the texts, for the page's script: sentences by name."""
    faults = {name: f"Not saved. {words}" for name, words in saved.refused.items()}
    for name, theirs in saved.overtaken.items():
        faults[name] = (
            f"Not saved: somebody else wrote meanwhile “{theirs}”. Save again to put yours in its "
            "place."
        )
    return {"n_saved": saved.n_saved, "faults": faults, "theirs": saved.overtaken}
