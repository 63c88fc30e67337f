"""One form a step: what is chosen before the preview. The same form reads the page's POST."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.shaping.steps import Step, What
from reports import free_text
from units.kinds import Kind
from units.models import Place
from units.shaping import Bud

LONGEST = 40
MOST_AT_ONCE = 150
_RANGE = re.compile(r"(\d{3,4})\s*(?:[-—–~至到]|--)\s*(\d{3,4})(室?)")
_DOOR = re.compile(r"(\d{3,4})(室?)")


class PlaceField(forms.ModelChoiceField):
    def label_from_instance(self, place: Place) -> str:
        """A floor is found by its building, a building by its block, a block by its name."""
        return f"{place.parent.name} · {place.name}" if place.kind > Kind.BLOCK else place.name


class StepForm(forms.Form):
    """Base: no question at all, as for a closing."""

    def __init__(self, what: What, place: Place, data: Any = None) -> None:
        super().__init__(data)
        self.what, self.place = what, place

    @property
    def step(self) -> Step:
        """Only after `is_valid`."""
        told = self.cleaned_data
        return Step(
            self.what,
            self.place,
            target=told.get("to"),
            name=told.get("name", ""),
            buds=told.get("names") or (),
        )


def _name_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        error_messages={
            "required": gettext_lazy("请写名称"),
            "max_length": gettext_lazy("名称最多40个字"),
        },
    )


class Named(StepForm):
    """Base of forms that ask for a name, shown in one line."""

    def clean_name(self) -> str:
        name = free_text.one_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("请写名称"), code="required")
        return name


class RenameForm(Named):
    name = _name_field(gettext_lazy("新名称"))

    def clean_name(self) -> str:
        name = super().clean_name()
        if name == self.place.name:
            raise ValidationError(_("名称和现在的一样"), code="same_name")
        return name


class TargetForm(StepForm):
    """Move and merge: where to, in the same community."""

    to = PlaceField(
        queryset=Place.objects.none(),
        label=gettext_lazy("到哪里"),
        empty_label=gettext_lazy("请选一个"),
        error_messages={
            "required": gettext_lazy("请选到哪里"),
            "invalid_choice": gettext_lazy("请从列表里选一个在用的单元"),
        },
    )

    def __init__(self, what: What, place: Place, data: Any = None) -> None:
        super().__init__(what, place, data)
        self.fields["to"].queryset = targets_of(what, place)


class ReplacementForm(Named, TargetForm):
    name = _name_field(gettext_lazy("新的门牌"))

    field_order = ("to", "name")


class AdditionForm(StepForm):
    names = forms.CharField(
        label=gettext_lazy("要新建的"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        error_messages={
            "required": gettext_lazy("请写要新建的名称"),
            "max_length": gettext_lazy("太长了，请分几次新建"),
        },
    )
    doors = forms.CharField(
        label=gettext_lazy("每个新楼组的门牌（可不填）"), max_length=60, required=False
    )

    def __init__(self, what: What, place: Place, data: Any = None) -> None:
        super().__init__(what, place, data)
        self.fields["names"].help_text = _HINTS[Kind(place.kind)]
        if place.kind != Kind.BLOCK:
            del self.fields["doors"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "names" not in told:
            return told
        words = [free_text.one_line(each) for each in re.split(r"[\n、，,；;]", told["names"])]
        below = _doors([told["doors"]], self) if told.get("doors") else ()
        words = list(dict.fromkeys(each for each in words if each))
        if self.place.kind < Kind.BUILDING:
            buds = tuple(Bud(word, below) for word in words)
        elif self.place.kind == Kind.BUILDING:
            buds = _doors(words, self)
        else:
            buds = tuple(bud for floor in _doors(words, self, "names") for bud in floor.below)
        told["names"] = buds
        self._refuse_what_is_no_name(buds)
        return told

    def _refuse_what_is_no_name(self, buds: tuple[Bud, ...]) -> None:
        every = [*buds, *(each for bud in buds for each in bud.below)]
        if self.errors:
            return
        if not every:
            self.add_error("names", _("请写要新建的名称"))
        elif any(len(each.name) > LONGEST for each in every):
            self.add_error("names", _("名称最多40个字"))
        elif len(every) + sum(len(each.below) for each in every) > MOST_AT_ONCE:
            self.add_error("names", _("一次最多新建%d个，请分几次") % MOST_AT_ONCE)


_HINTS = {
    Kind.COMMUNITY: gettext_lazy("一行一个片区，例如：第9片区"),
    Kind.BLOCK: gettext_lazy("一行一个楼组，例如：126号楼组"),
    Kind.BUILDING: gettext_lazy(
        "写门牌，楼层自己会建：101-604 是1到6楼、每层01到04室；也可以一户一户写，例如：701室"
    ),
    Kind.FLOOR: gettext_lazy("写门牌，例如：301-304，或一行一户"),
}


def targets_of(what: What, place: Place) -> Any:
    """Where a place may go: what is in use in its community, of the right kind."""
    beside = Place.objects.active().filter(community=place.community_id).select_related("parent")
    if what == What.MOVE:
        beside = beside.filter(kind=place.kind - 1).exclude(pk=place.parent_id)
    elif what == What.MERGER and place.kind == Kind.HOUSEHOLD:
        # Two families that became one live in one building.
        building = place.parent.parent_id
        beside = beside.filter(kind=place.kind, parent__parent=building).exclude(pk=place.pk)
    elif what == What.MERGER:
        beside = beside.filter(kind=place.kind).exclude(pk=place.pk)
    else:
        beside = beside.filter(kind=Kind.FLOOR).exclude(pk=place.parent_id)
    return beside.order_by("parent__code", "code")


def _doors(words: list[str], form: AdditionForm, where: str = "") -> tuple[Bud, ...]:
    """Floors with their doors from 「101-604」, 「701室」, 「7楼」; errors go to the form."""
    where = where or ("doors" if form.place.kind == Kind.BLOCK else "names")
    floors: dict[str, dict[str, Bud]] = {}
    for word in words:
        plain = free_text.normalise(word)
        if found := _RANGE.fullmatch(plain):
            first, last = int(found[1]), int(found[2])
            if first // 100 > last // 100 or first % 100 > last % 100:
                form.add_error(where, _("“%s”前面的号要比后面的小") % word)
                continue
            # More than anybody may build at once is refused before it is written out.
            across = last % 100 - first % 100 + 1
            if (last // 100 - first // 100 + 1) * across > MOST_AT_ONCE:
                form.add_error(where, _("一次最多新建%d个，请分几次") % MOST_AT_ONCE)
                continue
            for floor in range(first // 100, last // 100 + 1):
                for door in range(first % 100, last % 100 + 1):
                    _put(floors, floor, f"{floor}{door:02d}室")
        elif found := _DOOR.fullmatch(plain):
            _put(floors, int(found[1]) // 100, f"{int(found[1])}室")
        elif form.place.kind == Kind.FLOOR:
            floors.setdefault("", {})[word] = Bud(word)
        else:
            floors.setdefault(word, {})
    return tuple(Bud(name, tuple(doors.values())) for name, doors in floors.items())


def _put(floors: dict[str, dict[str, Bud]], floor: int, door: str) -> None:
    floors.setdefault(_("%d楼") % floor, {})[door] = Bud(door)


FORMS: dict[What, type[StepForm]] = {
    What.RENAME: RenameForm,
    What.MOVE: TargetForm,
    What.MERGER: TargetForm,
    What.REPLACEMENT: ReplacementForm,
    What.CLOSURE: StepForm,
    What.ADDITION: AdditionForm,
}
