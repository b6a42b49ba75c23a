"""Rules by which cases get their causes: tried out, saved, put in order, applied to the past."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.console.taxonomy import MOST_OFFERED, cause_log
from surveys.models import Cause, CauseRule, Connection
from surveys.services import cause_history, cause_rule_list, causes
from surveys.services.cause_moves import CauseError
from surveys.services.cause_rule_list import Wish

SHOWN: Final = 25
_STEPS: Final = {"earlier": -1, "later": 1}


@require_safe
@staff(ADMINS)
def rules(request: StaffRequest) -> HttpResponse:
    """All rules in order, and a form; filled in, it shows what the rule would do before it is
    saved. With `?rule=` one of them is changed."""
    editing = _rule(request.GET["rule"]) if request.GET.get("rule", "").isdecimal() else None
    wish = _wish(request.GET) if {"text", "path"} & set(request.GET) else _as_wish(editing)
    draft, fault = None, ""
    if "text" in request.GET:
        try:
            draft = cause_rule_list.read(wish)
            draft.pk = editing.pk if editing else None
        except CauseError as error:
            fault = str(error)
    trial = cause_history.try_out(
        cause_history.trial_rules(draft), cause_rule_list.deciding(draft) if draft else None
    )
    known = list(CauseRule.objects.filter(deleted_at=None).select_related("cause", "within"))
    tried_id = editing.pk if editing else 0
    context = {
        "rules": [(rule, trial.by_rule.get(rule.pk, 0)) for rule in known],
        "wish": wish,
        "wish_fields": wish_fields(wish),
        "editing": editing,
        "draft": draft,
        "fault": fault,
        "trial": trial,
        "n_tried_out": trial.by_rule.get(tried_id, 0),
        "changed": [one for one in trial.changed if one.rule == tried_id][:SHOWN],
        **_just_moved(request.GET.get("moved", "")),
        "log": cause_log(("ruled", "ordered", "applied"), 20),
        **choices(),
    }
    status = 400 if fault else 200
    return render_page(
        request, "console/cause_rules.html", context, current="settings", status=status
    )


@require_POST
@staff(ADMINS)
def save_rule(request: StaffRequest) -> HttpResponse:
    """Add a rule, or change one, as it was tried out."""
    number, wish = request.POST.get("rule", ""), _wish(request.POST)
    try:
        if number:
            saved = cause_rule_list.change(_rule(number).pk, wish, request.user)
        else:
            saved = cause_rule_list.add(wish, request.user)
    except CauseRule.DoesNotExist:
        raise Http404("No such rule.") from None
    except CauseError as error:
        messages.error(request, str(error))
        return _back()
    messages.success(request, "Saved: it decides about every case that arrives from now on.")
    return _back(f"#rule-{saved.pk}")


@require_POST
@staff(ADMINS)
def change_rule(request: StaffRequest, pk: int) -> HttpResponse:
    """Move a rule in the order, or delete it."""
    to = request.POST.get("to", "")
    try:
        if to in _STEPS:
            cause_rule_list.move(pk, _STEPS[to], request.user)
            return _back(f"?moved={to}-{pk}#rule-{pk}")
        if to == "delete":
            cause_rule_list.delete(pk, timezone.now(), request.user)
            messages.success(request, "The rule is deleted. It can be brought back below.")
    except CauseRule.DoesNotExist:
        raise Http404("No such rule.") from None
    return _back()


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def apply_rule(request: StaffRequest, pk: int) -> HttpResponse:
    """What a rule would move of the past, and the moving of it."""
    rule = _rule(str(pk))
    if request.method == "POST":
        try:
            done = cause_history.apply(pk, timezone.now(), request.user)
        except CauseError as error:
            messages.error(request, str(error))
        else:
            moved = f"{done.n_resolutions:,} cases and {done.n_answers:,} answers"
            messages.success(request, f"{moved} belong to “{done.after}” now.")
        return _back()
    known = cause_history.trial_rules()
    own = next(one for one in known if one.id == pk)
    context = {"rule": rule, "reach": cause_history.reach(own, known)}
    return render_page(request, "console/cause_rule_apply.html", context, current="settings")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def split_cause(request: StaffRequest, pk: int) -> HttpResponse:
    """Make two causes of one by a rule over its cases: previewed, then done."""
    cause = Cause.objects.filter(pk=pk, merged_into=None).exclude(mapped_at=None).first()
    if cause is None:
        raise Http404("No such cause.")
    asked = request.POST if request.method == "POST" else request.GET
    wish, name = _wish(asked, within=cause.code), " ".join(asked.get("name", "").split())
    if request.method == "POST":
        try:
            done = cause_history.split(wish, name, timezone.now(), request.user)
        except CauseError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("split_cause", args=[pk]))
        moved = f"{done.n_resolutions:,} cases and {done.n_answers:,} answers"
        messages.success(request, f"{moved} of “{cause}” are “{done.after}” now.")
        return HttpResponseRedirect(reverse("cause_list"))
    reach, fault = None, ""
    if "text" in asked:
        try:
            reach = cause_history.split_reach(wish, name)
        except CauseError as error:
            fault = str(error)
    context = {
        "cause": cause, "wish": wish, "wish_fields": wish_fields(wish), "name": name,
        "reach": reach, "fault": fault,
        "n_cases": causes.count(cause.code), **choices(),
    }  # fmt: skip
    status = 400 if fault else 200
    return render_page(
        request, "console/cause_split.html", context, current="settings", status=status
    )


def choices() -> dict[str, object]:
    """What can be chosen in the form of a rule."""
    offered = Cause.objects.filter(merged_into=None).exclude(mapped_at=None)
    is_few = offered.count() <= MOST_OFFERED
    return {
        "whats": CauseRule.What.choices,
        "hows": CauseRule.How.choices,
        "causes": list(offered.values_list("code", "name")) if is_few else [],
        "sources": [
            ("api", "the API"),
            *Connection.objects.filter(deleted_at=None)
            .order_by("name")
            .values_list("slug", "name"),
        ],
    }


def _wish(asked: QueryDict, *, within: str = "") -> Wish:
    words = {
        name: asked.get(name, "").replace("\x00", "").strip()[:300]
        for name in ("what", "how", "text", "cause", "source", "path")
    }
    return Wish(**words, within=within or asked.get("within", "").replace("\x00", "")[:300])


def wish_fields(wish: Wish) -> list[tuple[str, str]]:
    """A wish as the hidden fields of the form that confirms it."""
    return list(asdict(wish).items())


def _just_moved(told: str) -> dict[str, object]:
    """Which button was pressed last, so that the keyboard stays on it."""
    to, _, number = told.partition("-")
    return {"moved_to": to, "moved_pk": int(number) if number.isdecimal() else 0}


def _as_wish(rule: CauseRule | None) -> Wish:
    if rule is None:
        return Wish("tag", "equals", "", "")
    within = rule.within.code if rule.within else ""
    return Wish(rule.what, rule.how, rule.text, rule.cause.code, rule.source, within, rule.path)


def _rule(number: str) -> CauseRule:
    is_number = number.isdecimal() and len(number) < 19
    known = CauseRule.objects.select_related("cause", "within").filter(deleted_at=None)
    found = known.filter(pk=int(number)).first() if is_number else None
    if found is None:
        raise Http404("No such rule.")
    return found


def _back(rest: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("cause_rules") + rest)
