"""A proposed field before it is stored: what it says, cleaned and checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import answers, catalogue, duplicates, free_text
from reports.models import Admission
from reports.models.admission import HIGHEST, LONGEST
from units.refusals import Refusal

FieldType = Admission.FieldType
FORMS = (catalogue.BUILDING_REPORT, catalogue.HOUSEHOLD_REPORT, catalogue.BLOCK_REPORT)
# Taps that answer a whole form at a door (reports/views_household.py): they must go on to.
ONE_TAP = {
    catalogue.HOUSEHOLD_REPORT: (
        {"situation": "same", "source": "visit"},
        {"situation": "nobody", "source": "visit"},
    )
}
MOST_CHOICES = 10
# What this house holds of nobody (docs/decisions/0008), whoever agrees to ask it.
NEVER_ASKED = (
    *("身份证", "护照号", "手机号", "电话号码", "姓名", "银行卡", "车牌", "人脸", "指纹", "微信号"),
    *("宗教", "民族", "信访人", "重点人员", "不稳定", "黑名单", "评分", "打分", "积分", "排名"),
    *("轨迹", "行踪", "打卡"),
)
# 「不写姓名、电话」 asks for nothing.
_NOT_TO_WRITE = re.compile("(?:不要?|别)[写填记留][^。；;]*")
_TEXTS: dict[str, tuple[int, str | Promise]] = {
    "label": (30, gettext_lazy("问什么")),
    "hint": (60, gettext_lazy("提示")),
    "unit": (4, gettext_lazy("单位")),
    "purpose": (200, gettext_lazy("为什么要问")),
    "owner": (60, gettext_lazy("谁用这些回答")),
    "basis": (120, gettext_lazy("依据")),
    "difference": (200, gettext_lazy("和已有的有什么不同")),
}
_NEEDED = ("label", "purpose", "owner")


@dataclass(frozen=True)
class Proposal:
    """What somebody wants asked. `relevant` as in a form: {"corridor": ["uncleared"]}."""

    form: str
    label: str
    type: str
    purpose: str
    owner: str
    ends_on: date
    choices: Sequence[str] = ()
    unit: str = ""
    most: int | None = None
    hint: str = ""
    required: bool = False
    relevant: Mapping[str, Sequence[str]] = field(default_factory=dict)
    basis: str = ""
    difference: str = ""
    extends: Admission | None = None


def drafted(proposal: Proposal, *, at: datetime) -> Admission:
    """The row that `proposal` would become, not saved; for storing and for the preview.

    Raises Refusal `invalid_proposal`, or the one problem's own code.
    """
    problems: dict[str, Refusal] = {}
    words = _words(proposal, problems)
    today = timezone.localdate(at)
    admission = Admission(
        type=proposal.type,
        required=proposal.required,
        most=proposal.most if proposal.type == FieldType.NUMBER else None,
        relevant={name: list(values) for name, values in proposal.relevant.items()},
        starts_on=starts_on(proposal.extends, today),
        ends_on=proposal.ends_on,
        extends=proposal.extends,
        number=proposal.extends.number if proposal.extends else 0,
        proposed_at=at,
        **words,
    )
    for each in (_problem_of_form, _problem_of_choices, _problem_of_days):
        try:
            each(proposal, admission)
        except Refusal as refusal:
            problems = dict.fromkeys(refusal.fields, refusal) | problems
    if problems:
        raise _together(problems)
    return admission


def worded(form: str, admission: Admission, day: date) -> dict[str, Any]:
    """The form's definition of `day` with `admission` among its fields."""
    added = Admission.objects.in_force(day).filter(form__code=form)
    others = [each for each in added if each.number != admission.number]
    return catalogue.with_added(catalogue.read(form), [*others, admission])


def _words(proposal: Proposal, problems: dict[str, Refusal]) -> dict[str, Any]:
    """Every text in one line, and the choices; what is wrong goes into `problems`."""
    words: dict[str, Any] = {}
    for name, (longest, label) in _TEXTS.items():
        try:
            words[name] = clean_text(getattr(proposal, name), name, longest)
            if name in _NEEDED and not words[name]:
                raise problem(name, "required", _("请填写：%s") % label)
        except Refusal as refusal:
            problems[name] = refusal
    has_choices = proposal.type in (FieldType.CHOICE, FieldType.CHOICES)
    try:
        lines = (
            [clean_text(line, "choices", 20) for line in proposal.choices] if has_choices else []
        )
        words["choices"] = [line for line in lines if line]
    except Refusal as refusal:
        problems["choices"] = refusal
    if proposal.type != FieldType.NUMBER:
        words["unit"] = ""
    return words


def clean_text(text: str, name: str, longest: int) -> str:
    line = free_text.one_line(text)
    if len(line) > longest:
        told = {"limit": longest, "length": len(line)}
        message = _("最多%(limit)d个字，现在是%(length)d个字") % told
        raise problem(name, "too_long", message)
    free_text.refuse_private_numbers(line, field=name)
    if name in ("label", "hint", "choices"):
        # A blank or a dot between the characters makes no other word of it.
        asked = _NOT_TO_WRITE.sub("", free_text.normalise(line))
        plain = "".join(each for each in asked if each.isalnum())
        for word in NEVER_ASKED:
            if word in plain:
                message = _("“%s”这类个人信息本系统不收集，请换一种问法") % word
                raise problem(name, "never_asked", message)
    return line


def _problem_of_form(proposal: Proposal, admission: Admission) -> None:
    """The form, the type, the condition and the largest number fit each other."""
    if proposal.form not in FORMS:
        raise problem("form", "unknown_choice", _("请选加在哪张表"))
    if proposal.type not in FieldType.values:
        raise problem("type", "unknown_choice", _("请选怎么答"))
    if proposal.type == FieldType.FLOORS and proposal.form != catalogue.BUILDING_REPORT:
        raise problem("type", "no_floors_here", _("只有楼组周报能选楼层，请换一种答法"))
    if proposal.most is not None and not 1 <= proposal.most <= HIGHEST:
        raise problem("most", "too_many", _("最大数请填1到%d") % HIGHEST)
    fields = {each["name"]: each for each in catalogue.read(proposal.form)["fields"]}
    for name, values in proposal.relevant.items():
        offered = {choice["value"] for choice in fields.get(name, {}).get("choices", ())}
        if not values or not set(values) <= offered:
            raise problem("relevant", "unknown_choice", _("这张表里没有这个条件，请重新选"))
    _refuse_to_break_one_tap(proposal, admission)


def _refuse_to_break_one_tap(proposal: Proposal, admission: Admission) -> None:
    definition = {"fields": [*catalogue.read(proposal.form)["fields"], _bare(admission)]}
    for said in ONE_TAP.get(proposal.form, ()):
        try:
            answers.validate(definition, said)
        except Refusal as refusal:
            message = _("家庭报告点一下就能报“无变化”，必答的请写明在什么情况下才问，或者不设必答")
            raise problem("required", "breaks_one_tap", message) from refusal


def _bare(admission: Admission) -> dict[str, Any]:
    """The field for trying out, whatever its label is."""
    return {
        "name": admission.name,
        "label": "",
        "type": admission.type,
        "required": admission.required,
        "relevant": admission.relevant,
    }


def _problem_of_choices(proposal: Proposal, admission: Admission) -> None:
    if proposal.type not in (FieldType.CHOICE, FieldType.CHOICES):
        return
    choices = admission.choices
    if not 2 <= len(choices) <= MOST_CHOICES:
        message = _("请写2到%d个选项，一行一个") % MOST_CHOICES
        raise problem("choices", "number_of_choices", message)
    plain = [duplicates.normal(each) for each in choices]
    if len(set(plain)) < len(plain):
        raise problem("choices", "choices_repeat", _("有两个选项是一样的，请改一个"))


def _problem_of_days(proposal: Proposal, admission: Admission) -> None:
    refuse_days(admission.starts_on, admission.ends_on, "ends_on")


def refuse_days(starts_on: date, ends_on: date, name: str) -> None:
    last = starts_on + LONGEST
    if not starts_on <= ends_on <= last:
        told = {
            "first": f"{starts_on.year}年{starts_on.month}月{starts_on.day}日",
            "last": f"{last.year}年{last.month}月{last.day}日",
        }
        message = _("请选%(first)s到%(last)s之间的一天：一项最多问十二个月") % told
        raise problem(name, "bad_day", message)


def starts_on(extends: Admission | None, today: date) -> date:
    """Today, or for an extension the day after the one before it ends."""
    if extends is None or extends.state != Admission.State.AGREED:
        return today
    return max(today, extends.ends_on + timedelta(days=1))


def problem(name: str, code: str, message: str) -> Refusal:
    return Refusal(code, message, fields={name: message})


def _together(problems: Mapping[str, Refusal]) -> Refusal:
    if len(problems) == 1:
        return next(iter(problems.values()))
    fields = {name: refusal.fields[name] for name, refusal in problems.items()}
    return Refusal("invalid_proposal", _("有%d处要改，请看标出的地方") % len(fields), 422, fields)
