"""The designer's form: reading a proposal from a POST, and showing it with what was typed."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import catalogue
from reports.models import Admission
from reports.models.admission import LONGEST
from reports.proposals import FORMS, Proposal
from units.refusals import Refusal

ALWAYS = ""


class ProposalForm(forms.Form):
    """Takes whatever was typed; `reports/proposals.py` says what is wrong with it."""

    form = forms.ChoiceField(label=gettext_lazy("加在哪张表"), required=False)
    label = forms.CharField(label=gettext_lazy("问什么"), required=False)
    type = forms.ChoiceField(
        label=gettext_lazy("怎么答"),
        choices=Admission.FieldType.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    choices = forms.CharField(
        label=gettext_lazy("选项，一行一个"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("选一个、可选几个时写"),
    )
    unit = forms.CharField(
        label=gettext_lazy("单位"),
        required=False,
        help_text=gettext_lazy("填数字时写，例如：盏、辆"),
    )
    most = forms.CharField(
        label=gettext_lazy("最多填到"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy("填数字时写，可不写"),
    )
    hint = forms.CharField(
        label=gettext_lazy("提示"), required=False, help_text=gettext_lazy("写在问题下面，可不写")
    )
    relevant = forms.ChoiceField(label=gettext_lazy("什么时候问"), required=False)
    required = forms.BooleanField(label=gettext_lazy("必答"), required=False)
    purpose = forms.CharField(
        label=gettext_lazy("为什么要问"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("填表的人看得到"),
    )
    owner = forms.CharField(
        label=gettext_lazy("谁用这些回答"),
        required=False,
        help_text=gettext_lazy("例如：居委会卫生条线，排消杀日程"),
    )
    basis = forms.CharField(
        label=gettext_lazy("依据"),
        required=False,
        help_text=gettext_lazy(
            "“两份清单”里哪一项，或哪份文件；没有就不写，街道会看到“未列入清单”"
        ),
    )
    ends_on = forms.CharField(
        label=gettext_lazy("问到哪天"),
        required=False,
        widget=forms.TextInput(attrs={"type": "date"}),
    )
    difference = forms.CharField(
        label=gettext_lazy("和已有的有什么不同"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("提示“已经在问的”而您确实要问的是另一件事时写"),
    )

    def __init__(self, data: Any = None, *, extends: Admission | None = None, today: date) -> None:
        first = _initial(extends, today)
        super().__init__(data, initial=first)
        self.extends, self.initial_day = extends, first["ends_on"]
        definitions = {code: catalogue.read(code) for code in FORMS}
        self.fields["form"].choices = [(c, d["name"]) for c, d in definitions.items()]
        self.fields["relevant"].choices = [(ALWAYS, _("每次都问")), *_conditions(definitions)]
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"{name}-hint"
        if extends:
            self.fields["form"].choices = [(extends.form.code, extends.form.name)]

    def rows(self, errors: Mapping[str, Any]) -> list[tuple[forms.BoundField, str]]:
        """Each field with the sentence about it, if any."""
        return [(bound, str(errors.get(bound.name, ""))) for bound in self]

    def proposal(self) -> Proposal:
        """What was typed; what cannot even be read is told in `unread`, and something stands in."""
        typed = {name: str(self.data.get(name, "")) for name in self.fields}
        self.unread: dict[str, str] = {}
        return Proposal(
            form=typed["form"],
            label=typed["label"],
            type=typed["type"],
            choices=typed["choices"].splitlines(),
            unit=typed["unit"],
            most=self._try(_whole, typed["most"], None),
            hint=typed["hint"],
            required=bool(typed["required"]),
            relevant=self._try(partial(_relevant, typed["form"]), typed["relevant"], {}),
            purpose=typed["purpose"],
            owner=typed["owner"],
            basis=typed["basis"],
            difference=typed["difference"],
            ends_on=self._try(read_day, typed["ends_on"], self.initial_day),
            extends=self.extends,
        )

    def _try(self, read: Callable[[str], Any], text: str, otherwise: Any) -> Any:
        try:
            return read(text)
        except Refusal as refusal:
            self.unread |= {name: str(words) for name, words in refusal.fields.items()}
            return otherwise


def read_day(text: str) -> date:
    """Raises Refusal `bad_day`, told at `ends_on`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        message = _("请选一个日期：问到哪天")
        raise Refusal("bad_day", message, fields={"ends_on": message}) from error


def _whole(text: str) -> int | None:
    digits = text.strip()
    if not digits:
        return None
    if not digits.isdecimal() or len(digits) > 6:
        message = _("请填数字，例如20")
        raise Refusal("not_a_number", message, fields={"most": message})
    return int(digits)


def _relevant(form: str, text: str) -> dict[str, list[str]]:
    """「building_report:corridor=uncleared」 as a form definition has it."""
    if not text:
        return {}
    of, _colon, condition = text.partition(":")
    name, _equals, value = condition.partition("=")
    if of != form:
        message = _("这个条件是另一张表的，请重新选")
        raise Refusal("unknown_choice", message, fields={"relevant": message})
    return {name: [value]}


def _conditions(definitions: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every choice of every form, in groups by form and question."""
    return [
        (
            f"{definition['name']} · {field['label']}",
            [
                (
                    f"{code}:{field['name']}={choice['value']}",
                    _("%(label)s：选了“%(choice)s”才问")
                    % {"label": field["label"], "choice": choice["label"]},
                )
                for choice in field["choices"]
            ],
        )
        for code, definition in definitions.items()
        for field in definition["fields"]
        if field.get("choices")
    ]


def _initial(extends: Admission | None, today: date) -> dict[str, Any]:
    if extends is None:
        return {"type": Admission.FieldType.CHOICE, "ends_on": today + timedelta(days=90)}
    condition = next(
        (f"{extends.form.code}:{name}={values[0]}" for name, values in extends.relevant.items()),
        ALWAYS,
    )
    kept = ("label", "type", "unit", "hint", "required", "purpose", "owner", "basis")
    first = max(today, extends.ends_on + timedelta(days=1))
    return {name: getattr(extends, name) for name in kept} | {
        "form": extends.form.code,
        "choices": "\n".join(extends.choices),
        "most": extends.most or "",
        "relevant": condition,
        "ends_on": min(first + timedelta(days=90), first + LONGEST),
        "difference": extends.difference,
    }
