"""Forms at the gate: a password, a card's code with a new PIN, a code of the second step."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units import invitations, pins
from units.models import User
from units.refusals import Refusal


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": gettext_lazy("登录名或密码不对，请再看一眼。忘了请打电话给居委会"),
        "inactive": gettext_lazy("这个账号已停用，请联系居委会"),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = gettext_lazy("登录名")
        self.fields["password"].label = gettext_lazy("密码")
        for field in self.fields.values():
            field.error_messages["required"] = _("请填写：%s") % field.label
            field.widget.attrs.pop("autofocus", None)

    @property
    def is_a_guess(self) -> bool:
        """Both are filled in; what is not cannot be right."""
        return bool(self.data.get("username", "").strip() and self.data.get("password"))


def _digits(label: str, most: int, complete: str, *, hidden: bool = False) -> forms.CharField:
    widget = forms.PasswordInput if hidden else forms.TextInput
    return forms.CharField(
        label=label,
        error_messages={"required": _("请填写：%s") % label},
        widget=widget(
            attrs={
                "inputmode": "numeric",
                "pattern": "[0-9 ]*",
                "maxlength": most,
                "autocomplete": complete,
            }
        ),
    )


class CodeForm(forms.Form):
    """The sixteen digits of a card, from its square code or typed."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _digits(_("卡上的16位数字"), 40, "off")
        self.fields["code"].widget.attrs["data-from-fragment"] = True

    def clean_code(self) -> str:
        code = invitations.digits_of(self.cleaned_data["code"])
        if len(code) != invitations.DIGITS:
            found = {"found": len(code)}
            raise forms.ValidationError(
                _("卡上的号码有16位数字，这里有%(found)d位，请对照卡片再看一遍") % found,
                code="code_length",
            )
        if not invitations.is_complete(code):
            raise forms.ValidationError(
                _("有一位数字不对，请对照卡片再看一遍"), code="code_mistyped"
            )
        return code


class NewPinForm(forms.Form):
    """A PIN, twice."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pin"] = _digits(_("设一个数字口令"), 6, "off", hidden=True)
        self.fields["pin"].help_text = _("4到6位数字，自己好记、别人猜不到")
        self.fields["again"] = _digits(_("再输一遍"), 6, "off", hidden=True)

    def clean_pin(self) -> str:
        pin = invitations.digits_of(self.cleaned_data["pin"])
        try:
            pins.require_good(pin)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal.message), code=refusal.code) from refusal
        return pin

    def clean_again(self) -> str:
        again = invitations.digits_of(self.cleaned_data["again"])
        if "pin" in self.cleaned_data and again != self.cleaned_data["pin"]:
            raise forms.ValidationError(_("两遍不一样，请重新输"), code="pins_differ")
        return again


class SecondStepForm(forms.Form):
    """Six digits from the authenticator; ten from the printed recovery codes do as well.

    With `owner` the password is asked for again: a computer left open must not become somebody
    else's second step.
    """

    def __init__(self, *args: object, owner: User | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._owner = owner
        if owner:
            label = _("您的登录密码")
            self.fields["password"] = forms.CharField(
                label=label,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                error_messages={"required": _("请填写：%s") % label},
            )
        self.fields["code"] = _digits(_("验证码"), 20, "one-time-code")

    def clean_code(self) -> str:
        code = invitations.digits_of(self.cleaned_data["code"])
        if len(code) not in (6, 10):
            raise forms.ValidationError(_("验证码是6位数字，备用码是10位数字"), code="code_length")
        return code

    def require_password(self) -> None:
        """Counted as a guess by whoever calls. Raises Refusal `wrong_password`."""
        if self._owner and not self._owner.check_password(self.cleaned_data["password"]):
            raise Refusal("wrong_password", _("登录密码不对，请再看一眼"))
