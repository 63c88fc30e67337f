"""Reading what staff type about buildings and flats, and the fields that all forms here share."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.profiles.models import (
    AreaBand,
    BuildingProfile,
    Defect,
    DwellingCount,
    Tenure,
)
from governance.profiles.models.housing import MOST_FLATS
from reports import free_text
from units.models import Place
from units.refusals import Refusal

DIGITS = {"invalid": _("请填数字")}
NUMBER = DIGITS | {"min_value": _("请填数字，不小于0")}
DATE = {"invalid": _("日期请写成2026-11-25这样")}
CHOICE = {"invalid_choice": _("请在给出的选项里选")}
MUST = {"required": _("这一项还没填")}
_LIFTS = [("yes", _("有")), ("no", _("没有"))]
_digits = {"inputmode": "numeric", "autocomplete": "off"}


def number(label: Any = None, *, most: int = MOST_FLATS, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        widget=forms.TextInput(attrs=_digits),
        error_messages=NUMBER | {"max_value": _("数太大了，请再看一下")},
        **more,
    )


def day(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages=DATE | MUST,
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
        error_messages=CHOICE,
    )
    defects = forms.MultipleChoiceField(
        label=_("缺损"),
        choices=Defect.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=CHOICE,
        help_text=_("看过没有缺损的，只填下面的日子"),
    )
    defects_seen_on = day(_("缺损哪天看的"))
    vacant_dwellings = number(_("其中空关几套"))

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
            "year_built": DIGITS,
            "storeys": DIGITS,
            "structure": CHOICE,
            "housing_type": CHOICE,
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
                field = number(f"{tenure.label}，{area.label}")
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


class Words(forms.CharField):
    """One line without private numbers."""

    def clean(self, value: Any) -> str:
        text = super().clean(free_text.one_line(value or "").replace("\x00", ""))
        try:
            free_text.refuse_private_numbers(text, field="text")
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal.message), code=refusal.code) from refusal
        return str(text)


def words(label: Any, most: int, *, required: bool = False, **more: Any) -> Words:
    long = _("写得太长了，最多%d个字") % most
    return Words(
        label=label,
        required=required,
        max_length=most,
        error_messages=MUST | {"max_length": long},
        **more,
    )


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
