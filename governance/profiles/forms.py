"""Reading what staff type about buildings, flats and facilities. All of a building is optional."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.profiles.models import (
    AreaBand,
    BuildingProfile,
    Condition,
    Defect,
    DwellingCount,
    Facility,
    ParkingNeed,
    Tenure,
)
from governance.profiles.models.housing import MOST_FLATS
from reports import free_text
from units.models import Place
from units.refusals import Refusal

_DIGITS = {"invalid": _("请填数字")}
_NUMBER = _DIGITS | {"min_value": _("请填数字，不小于0")}
_DATE = {"invalid": _("日期请写成2026-11-25这样")}
_CHOICE = {"invalid_choice": _("请在给出的选项里选")}
_MUST = {"required": _("这一项还没填")}
_LIFTS = [("yes", _("有")), ("no", _("没有"))]
_digits = {"inputmode": "numeric", "autocomplete": "off"}


def _number(label: Any = None, *, most: int = MOST_FLATS, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        widget=forms.TextInput(attrs=_digits),
        error_messages=_NUMBER | {"max_value": _("数太大了，请再看一下")},
        **more,
    )


def _day(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages=_DATE | _MUST,
    )


class BuildingForm(forms.ModelForm):
    """The facts of one building. Bound or not, what is empty is unknown."""

    blank = _("不清楚")

    has_lift = forms.TypedChoiceField(
        label=_("有没有电梯"),
        choices=_LIFTS,
        required=False,
        coerce=lambda value: {"yes": True, "no": False}[value],
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages=_CHOICE,
    )
    defects = forms.MultipleChoiceField(
        label=_("缺损"),
        choices=Defect.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=_CHOICE,
        help_text=_("看过没有缺损的，只填下面的日子"),
    )
    defects_seen_on = _day(_("缺损哪天看的"))
    vacant_dwellings = _number(_("其中空关几套"))

    class Meta:
        model = BuildingProfile
        fields = (
            "housing_type",
            "year_built",
            "structure",
            "storeys",
            "has_lift",
            "defects",
            "defects_seen_on",
            "vacant_dwellings",
        )
        widgets = {
            "year_built": forms.TextInput(attrs=_digits),
            "storeys": forms.TextInput(attrs=_digits),
        }
        error_messages = {
            "year_built": _DIGITS,
            "storeys": _DIGITS,
            "structure": _CHOICE,
            "housing_type": _CHOICE,
        }

    def __init__(self, *args: Any, instance: BuildingProfile | None = None, **more: Any) -> None:
        super().__init__(*args, instance=instance or BuildingProfile(), **more)
        known = {True: "yes", False: "no"}.get(self.instance.has_lift, "")
        self.initial["has_lift"] = known
        for name in ("structure", "housing_type", "has_lift"):
            chosen = [each for each in self.fields[name].choices if each[0]]
            self.fields[name].choices = [("", self.blank), *chosen]

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def clean(self) -> dict[str, Any]:
        """Defects without a day were seen today."""
        data = super().clean() or self.cleaned_data
        if data.get("defects") and not data.get("defects_seen_on", True):
            data["defects_seen_on"] = timezone.localdate()
        return data


class AlikeForm(BuildingForm):
    """The same facts for several buildings: only what is filled in is written."""

    blank = _("不改")

    class Meta(BuildingForm.Meta):
        fields = (
            "housing_type",
            "year_built",
            "structure",
            "storeys",
            "has_lift",
            "defects",
            "defects_seen_on",
        )

    @property
    def facts(self) -> dict[str, Any]:
        told = {name: self.cleaned_data[name] for name in self.Meta.fields}
        facts = {name: value for name, value in told.items() if value not in (None, "", [])}
        if "defects_seen_on" in facts:
            # Looked at that day, and nothing found: that is said too.
            facts.setdefault("defects", [])
        return facts


class FlatsForm(forms.Form):
    """How many flats by tenure and size: one number a cell of the table."""

    def __init__(self, data: Mapping[str, str] | None = None, *, place: Place) -> None:
        told = DwellingCount.objects.filter(place=place)
        known = {_cell(each.tenure, each.area): each.dwellings for each in told}
        super().__init__(data, initial=known)
        for tenure in Tenure:
            for area in AreaBand:
                field = _number(f"{tenure.label}，{area.label}")
                self.fields[_cell(tenure, area)] = field

    @property
    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [
            (str(tenure.label), [self[_cell(tenure, area)] for area in AreaBand])
            for tenure in Tenure
        ]

    @property
    def heads(self) -> list[str]:
        return [str(area.label) for area in AreaBand]

    @property
    def flats(self) -> dict[tuple[str, str], int]:
        return {
            (tenure.value, area.value): count
            for tenure in Tenure
            for area in AreaBand
            if (count := self.cleaned_data[_cell(tenure, area)])
        }


def _cell(tenure: str, area: str) -> str:
    return f"flats-{tenure}-{area}"


class _Words(forms.CharField):
    """One line without private numbers."""

    def clean(self, value: Any) -> str:
        text = super().clean(free_text.one_line(value or "").replace("\x00", ""))
        try:
            free_text.refuse_private_numbers(text, field="text")
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal.message), code=refusal.code) from refusal
        return str(text)


def _words(label: Any, most: int, *, required: bool = False, **more: Any) -> _Words:
    long = _("写得太长了，最多%d个字") % most
    return _Words(
        label=label,
        required=required,
        max_length=most,
        error_messages=_MUST | {"max_length": long},
        **more,
    )


class FacilityForm(forms.ModelForm):
    """What is written of a facility; its condition changes by an inspection."""

    name = _words(_("名称"), 30, required=True, help_text=_("例如：中心花园、2楼走道灯"))
    note = _words(_("备注"), 100)
    seats = _number(_("公共座位（个）"), most=9999)
    parking_spaces = _number(_("停车位（个）"), most=9999)

    class Meta:
        model = Facility
        fields = ("kind", "name", "seats", "activity_space_m2", "parking_spaces", "note")
        widgets = {
            "activity_space_m2": forms.TextInput(
                attrs={"inputmode": "decimal", "autocomplete": "off"}
            )
        }
        error_messages = {
            "kind": _CHOICE | _MUST,
            "activity_space_m2": _NUMBER
            | {
                "max_digits": _("数太大了，请再看一下"),
                "max_whole_digits": _("数太大了，请再看一下"),
                "max_decimal_places": _("最多写一位小数"),
            },
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen = [each for each in self.fields["kind"].choices if each[0]]
        self.fields["kind"].choices = [("", _("请选")), *chosen]

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def clean_activity_space_m2(self) -> Any:
        space = self.cleaned_data["activity_space_m2"]
        if space is not None and space < 0:
            raise forms.ValidationError(_("面积不能是负数"))
        return space


class NewFacilityForm(FacilityForm):
    place = forms.ModelChoiceField(
        label=_("在哪里"),
        queryset=Place.objects.none(),
        to_field_name="code",
        empty_label=_("请选"),
        error_messages=_CHOICE | _MUST,
    )
    condition = forms.ChoiceField(
        label=_("现在的状况"),
        choices=Condition.choices,
        widget=forms.RadioSelect,
        error_messages=_CHOICE | _MUST,
    )
    on = _day(_("哪天看的"), required=True)

    field_order = ("place", "kind", "name", "condition", "on")

    def __init__(self, *args: Any, places: QuerySet[Place], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place"].queryset = places
        self.initial.setdefault("on", timezone.localdate())
        self.initial.setdefault("condition", Condition.GOOD)


class InspectionForm(forms.Form):
    condition = forms.ChoiceField(
        label=_("看到的状况"),
        choices=Condition.choices,
        widget=forms.RadioSelect,
        error_messages=_CHOICE | {"required": _("请选看到的状况")},
    )
    on = _day(_("哪天看的"), required=True)
    note = _words(_("备注"), 100)


class ParkingForm(forms.ModelForm):
    cars = _number(_("要停的车（辆）"), most=99_999)
    on = _day(_("哪天的数"), required=True)
    source = _words(_("这个数从哪里来"), 40, required=True, help_text=_("例如：物业登记、居民征询"))

    class Meta:
        model = ParkingNeed
        fields = ("cars", "on", "source")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["cars"].required = True
        self.fields["cars"].error_messages |= _MUST
        self.initial.setdefault("on", timezone.localdate())


def refused(*bound: forms.BaseForm) -> Refusal:
    """What is wrong in these forms, said as every page says it."""
    fields = {name: str(errors[0]) for form in bound for name, errors in form.errors.items()}
    if len(fields) == 1:
        return Refusal("invalid", next(iter(fields.values())), fields=fields)
    message = _("有%d处要改，请看标出的地方") % len(fields)
    return Refusal("invalid", message, fields=fields)


def show(refusal: Refusal, *bound: forms.BaseForm) -> None:
    """Put what a process refused beside its fields."""
    for name, text in refusal.fields.items():
        for form in bound:
            if name in form.fields and name not in form.errors:
                form.add_error(name, str(text))
