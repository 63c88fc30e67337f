"""Moving and closing a place from the administration: one page each, written by `units.tree`."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units import tree
from units.kinds import Kind, PlaceState
from units.models import Place
from units.refusals import Refusal


class TargetField(forms.ModelChoiceField):
    def label_from_instance(self, place: Place) -> str:
        """A building is found by its block, a block by its name."""
        return f"{place.parent.name} · {place.name}" if place.kind > Kind.BLOCK else place.name


class MoveForm(forms.Form):
    to_parent = TargetField(queryset=Place.objects.none(), label=gettext_lazy("移到哪里"))

    def __init__(self, place: Place, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_parent"].queryset = (
            Place.objects.active()
            .filter(community=place.community_id, kind=place.kind - 1)
            .exclude(pk=place.parent_id)
            .select_related("parent")
        )


class CloseForm(forms.Form):
    state = forms.ChoiceField(
        label=gettext_lazy("怎么注销"),
        choices=[each for each in PlaceState.choices if each[0] != PlaceState.ACTIVE],
        initial=PlaceState.CLOSED,
    )
    successor = forms.CharField(
        label=gettext_lazy("由谁接替"),
        required=False,
        help_text=gettext_lazy("可不填。填接替它的单元的编码，应是同一居民区、同一层级的"),
    )

    def __init__(self, place: Place, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place = place

    def clean_successor(self) -> Place | None:
        code = self.cleaned_data["successor"].strip()
        if not code:
            return None
        beside = Place.objects.active().filter(
            community=self._place.community_id, kind=self._place.kind
        )
        successor = beside.exclude(pk=self._place.pk).filter(code=code).first()
        if successor is None:
            raise ValidationError(
                _("没有找到这个编码的在用单元，请核对后再填"), code="unknown_successor"
            )
        return successor


class StructurePages:
    """The two pages, for `PlaceAdmin` to carry."""

    def structure_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/move/", wrap(self.move_view), name="units_place_move"),
            path("<int:pk>/closure/", wrap(self.closure_view), name="units_place_closure"),
        ]

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        place = self._place_to_change(request, pk)
        never = _never_moves(place)
        if never:
            messages.error(request, never)
            return _back_to(place)
        form = MoveForm(place, request.POST or None)
        if form.is_valid():
            target = form.cleaned_data["to_parent"]
            if _done(request, lambda: self._move(request, place, target)):
                said = _("“%(place)s”已移到“%(target)s”") % {"place": place, "target": target}
                self._say(request, place, said)
            return _back_to(place)
        told = _("现在在“%s”下面。移动后，它和它下面的单元都归到新的上级；已归档的数字不变。")
        return self._page(request, place, form, _("移动"), told % place.parent)

    def closure_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        place = self._place_to_change(request, pk)
        if place.kind < Kind.FLOOR:
            messages.error(request, _owes(place))
            return _back_to(place)
        form = CloseForm(place, request.POST or None)
        if form.is_valid():
            if _done(request, lambda: self._close(request, place, form.cleaned_data)):
                self._say(request, place, _("“%s”已注销") % place)
            return _back_to(place)
        told = _("注销后不再应报，已有的报告都留着。下面还有在用的单元或有人任职时不能注销。")
        return self._page(request, place, form, _("注销"), told)

    def _place_to_change(self, request: HttpRequest, pk: int) -> Place:
        place = Place.objects.select_related("parent").filter(pk=pk).first()
        if place is None:
            raise Http404
        if not self.has_change_permission(request, place):
            raise PermissionDenied
        return place

    def _move(self, request: HttpRequest, place: Place, target: Place) -> None:
        tree.move(place.pk, to_parent_id=target.pk, at=timezone.now(), by=request.user)

    def _close(self, request: HttpRequest, place: Place, told: dict[str, Any]) -> None:
        successor = told["successor"]
        tree.close(
            place.pk,
            at=timezone.now(),
            by=request.user,
            state=PlaceState(told["state"]),
            succeeded_by_id=successor.pk if successor else None,
        )

    def _say(self, request: HttpRequest, place: Place, said: str) -> None:
        self.log_change(request, place, said)
        messages.success(request, said)

    def _page(
        self, request: HttpRequest, place: Place, form: forms.Form, verb: str, told: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("%(verb)s“%(place)s”") % {"verb": verb, "place": place},
            "opts": self.opts,
            "place": place,
            "form": form,
            "verb": verb,
            "told": told,
        }
        return TemplateResponse(request, "admin/units/place/step.html", context)


def _never_moves(place: Place) -> str:
    """The tree's sentence when this kind does not move at all.

    Asked by moving it below itself, which the tree refuses for every kind: nothing is written.
    """
    try:
        tree.move(place.pk, to_parent_id=place.pk, at=timezone.now())
    except Refusal as refusal:
        return "" if refusal.code == "wrong_kind_of_parent" else str(refusal.message)
    return ""


def _owes(place: Place) -> SafeString:
    """What owes reports is closed in one place, where what it still owes is excused with it."""
    if place.kind == Kind.COMMUNITY:
        return format_html("{}", _("“%s”是整个居民区，不能注销") % place)
    step = reverse("shape-step", kwargs={"code": place.code, "what": "closure"})
    words = _("“%s”有应报的报告，请由居委会主任在“治理单元”里注销，应报的会一起免报") % place
    return format_html('{} <a href="{}">{}</a>', words, step, _("去治理单元"))


def _done(request: HttpRequest, write: Callable[[], None]) -> bool:
    """Whether the tree did as asked; if not, its sentence is shown on the next page."""
    try:
        write()
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        return False
    return True


def _back_to(place: Place) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:units_place_change", args=[place.pk]))
