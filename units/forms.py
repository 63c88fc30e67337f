"""Forms over people: filling vacant seats."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext as _

from units.groups import Group, Nomination, Seat
from units.models import User
from units.private_numbers import one_line
from units.secretaries import Nominee


class AppointmentForm(forms.Form):
    """One text field for each vacant seat: a new name, or 「姓名（登录名）」 of somebody known."""

    def __init__(
        self,
        groups: Sequence[Group],
        known: Mapping[str, User],
        data: Mapping[str, str] | None = None,
        filled: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=filled)
        self.seats: dict[str, Seat] = {
            seat.field: seat for group in groups for seat in group.vacant
        }
        self._known = known
        for name, seat in self.seats.items():
            self.fields[name] = forms.CharField(
                label=_("%(place)s %(duty)s") % {"place": seat.place.name, "duty": seat.label},
                required=False,
                max_length=80,
                widget=forms.TextInput(attrs={"list": "known-people", "autocomplete": "off"}),
            )
        # What was pasted comes first, to be read once more.
        self.order_fields(list(filled or ()))

    def clean(self) -> dict[str, str]:
        data = super().clean() or {}
        for name, text in list(data.items()):
            if self._login_in(text) and self._user(text) is None:
                self.add_error(name, _("没有找到这个登录名，请从提示里选，或只写姓名"))
            elif any(digit.isdigit() for digit in self._name(text)):
                self.add_error(name, _("姓名里不要写数字"))
        if not any(data.values()) and not self.errors:
            raise forms.ValidationError(_("还没有填写任何席位"), code="nothing_filled_in")
        return data

    @property
    def nominations(self) -> list[Nomination]:
        return [
            Nomination(
                place=self.seats[name].place,
                duty=self.seats[name].duty,
                user=self._user(text),
                name=self._name(text),
            )
            for name, text in self.cleaned_data.items()
            if text
        ]

    @staticmethod
    def _login_in(text: str) -> str:
        """「周兰英（l047-1）」 → l047-1; half-width brackets count too."""
        opened = text.replace("(", "（").replace(")", "）")
        return opened.rpartition("（")[2].rstrip("）").strip() if "（" in opened else ""

    @classmethod
    def _name(cls, text: str) -> str:
        return one_line(text.replace("(", "（").partition("（")[0])

    def _user(self, text: str) -> User | None:
        return self._known.get(self._login_in(text))


class SecretaryForm(AppointmentForm):
    """Who shall lead a branch, written as the name for a seat is."""

    def __init__(self, known: Mapping[str, User], data: Mapping[str, str] | None = None) -> None:
        super().__init__([], known, data)
        self.fields["name"] = forms.CharField(
            label=_("谁来当书记"),
            help_text=_("写姓名；已有账号的人从提示里选"),
            max_length=80,
            error_messages={"required": _("请写姓名")},
            widget=forms.TextInput(attrs={"list": "known-people", "autocomplete": "off"}),
        )

    @property
    def nominee(self) -> Nominee:
        text = self.cleaned_data["name"]
        return Nominee(self._user(text), self._name(text))
