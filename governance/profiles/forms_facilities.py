"""Reading what staff type about facilities and cars."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.profiles.forms import CHOICE, MUST, NUMBER, day, number, words
from governance.profiles.models import Condition, Facility, ParkingNeed
from units.models import Place


class FacilityForm(forms.ModelForm):
    """What is written of a facility; its condition changes by an inspection."""

    name = words(_("名称"), 30, required=True, help_text=_("例如：中心花园、2楼走道灯"))
    note = words(_("备注"), 100)
    seats = number(_("公共座位（个）"), most=9999)
    parking_spaces = number(_("停车位（个）"), most=9999)

    class Meta:
        model = Facility
        fields = ("kind", "name", "seats", "activity_space_m2", "parking_spaces", "note")
        widgets = {
            "activity_space_m2": forms.TextInput(
                attrs={"inputmode": "decimal", "autocomplete": "off"}
            )
        }
        error_messages = {
            "kind": CHOICE | MUST,
            "activity_space_m2": NUMBER
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
        error_messages=CHOICE | MUST,
    )
    condition = forms.ChoiceField(
        label=_("现在的状况"),
        choices=Condition.choices,
        widget=forms.RadioSelect,
        error_messages=CHOICE | MUST,
    )
    on = day(_("哪天看的"), required=True)

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
        error_messages=CHOICE | {"required": _("请选看到的状况")},
    )
    on = day(_("哪天看的"), required=True)
    note = words(_("备注"), 100)


class ParkingForm(forms.ModelForm):
    cars = number(_("要停的车（辆）"), most=99_999)
    on = day(_("哪天的数"), required=True)
    source = words(_("这个数从哪里来"), 40, required=True, help_text=_("例如：物业登记、居民征询"))

    class Meta:
        model = ParkingNeed
        fields = ("cars", "on", "source")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["cars"].required = True
        self.fields["cars"].error_messages |= MUST
        self.initial.setdefault("on", timezone.localdate())
