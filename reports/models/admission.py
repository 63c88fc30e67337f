"""Form admission: a field that somebody wants asked of the grass roots, and what came of it.

A row is one proposal. What was decided is in the journal too; a decided row changes no more, but
that an agreed one may end before its day.
"""

from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from reports.models.form import ReportForm
from units.models import User

# Twelve months (《整治形式主义为基层减负若干规定》; domain 4.1): whoever still needs it asks again.
LONGEST = timedelta(days=365)
# Long enough for the street to decide about an extension.
SOON = timedelta(days=30)


class AdmissionQuerySet(models.QuerySet["Admission"]):
    def in_force(self, day: date) -> "AdmissionQuerySet":
        """Asked on `day`: the clock alone ends a field, no task has to."""
        return self.filter(state=Admission.State.AGREED, starts_on__lte=day, ends_on__gte=day)

    def to_come(self, day: date) -> "AdmissionQuerySet":
        """Waiting for a decision, or agreed and not over."""
        return self.filter(
            Q(state=Admission.State.PROPOSED) | Q(state=Admission.State.AGREED, ends_on__gte=day)
        )

    def search(self, words: str) -> "AdmissionQuerySet":
        names = ("label", "purpose", "owner", "form__name", "proposed_by__full_name")
        return self.filter(Q(*[(f"{name}__icontains", words) for name in names], _connector=Q.OR))

    def with_people(self) -> "AdmissionQuerySet":
        return self.select_related("form", "extends", "proposed_by", "decided_by", "ended_by")


class Admission(models.Model):
    """`reports/admission.py` is its only writer and declares what may follow what."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待街道决定")
        AGREED = "agreed", _("已同意")
        REFUSED = "refused", _("不同意")
        WITHDRAWN = "withdrawn", _("已撤回")
        ENDED = "ended", _("已停用")

    class FieldType(models.TextChoices):
        CHOICE = "choice", _("选一个")
        CHOICES = "choices", _("可选几个")
        NUMBER = "number", _("填数字")
        FLOORS = "floors", _("选楼层")
        TEXT = "text", _("写一句话")

    form = models.ForeignKey(
        ReportForm, models.PROTECT, related_name="admissions", verbose_name=_("加在哪张表")
    )
    # Of the field within its form. An extension keeps it, so that answers stay under one name.
    number = models.PositiveSmallIntegerField(_("序号"))
    extends = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("延续哪一项"),
    )
    label = models.CharField(_("问什么"), max_length=30)
    type = models.CharField(_("怎么答"), max_length=10, choices=FieldType.choices)
    choices = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("选项"))
    unit = models.CharField(_("单位"), max_length=4, blank=True)
    most = models.PositiveSmallIntegerField(_("最多"), null=True, blank=True)
    hint = models.CharField(_("提示"), max_length=60, blank=True)
    required = models.BooleanField(_("必答"), default=False)
    # {"corridor": ["uncleared"]}: asked only after this answer; empty: always.
    relevant = models.JSONField(_("什么时候问"), default=dict, blank=True)
    purpose = models.CharField(_("为什么要问"), max_length=200)
    owner = models.CharField(_("谁用这些回答"), max_length=60)
    # Which matter of 《两份清单》 or which document asks for it; unlisted is shown as such.
    basis = models.CharField(_("依据"), max_length=120, blank=True)
    # Why it is no repetition of what is asked already: filled in where something like it was found.
    difference = models.CharField(_("和已有的有什么不同"), max_length=200, blank=True)
    starts_on = models.DateField(_("从哪天问起"))
    ends_on = models.DateField(_("问到哪天"))
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.PROPOSED
    )
    proposed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("谁提出")
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("谁决定")
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("谁停用")
    )
    ended_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)

    objects = AdmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("表单准入")
        verbose_name_plural = _("表单准入")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")) & Q(ends_on__lte=F("starts_on") + LONGEST),
                name="a_field_ends_within_twelve_months",
                violation_error_message=_("一项最多问十二个月，到期还需要的请重新提出"),
                violation_error_code="ends_too_late",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "withdrawn"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="nobody_admits_their_own",
                violation_error_message=_("自己提出的，要由别人决定"),
                violation_error_code="nobody_admits_their_own",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_at__isnull=False)),
                name="what_is_decided_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "ended"], reason=""),
                name="a_refused_field_says_why",
                violation_error_message=_("请写明理由"),
                violation_error_code="reason_required",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(owner="") & ~Q(label=""),
                name="a_field_says_what_it_is_for",
                violation_error_message=_("请写明问什么、为什么要问、谁用这些回答"),
                violation_error_code="purpose_required",
            ),
            models.UniqueConstraint(
                fields=["form", "number"],
                condition=Q(extends__isnull=True),
                name="one_number_per_field",
            ),
            ExclusionConstraint(
                name="a_field_is_asked_once",
                expressions=[
                    ("form", RangeOperators.EQUAL),
                    ("number", RangeOperators.EQUAL),
                    (
                        Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state="agreed"),
                violation_error_message=_("这一项在那几天已经在问，不用再加"),
                violation_error_code="a_field_is_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def name(self) -> str:
        """What the form engine calls it."""
        return f"added_{self.number}"

    def is_over(self, day: date) -> bool:
        return self.state == self.State.AGREED and self.ends_on < day

    def ends_soon(self, day: date) -> bool:
        return self.state == self.State.AGREED and day <= self.ends_on <= day + SOON

    def state_on(self, day: date) -> str:
        """「待街道决定」, 「在问」, 「3月1日起问」, 「已到期」, …"""
        if self.state != self.State.AGREED:
            return str(self.get_state_display())
        if self.is_over(day):
            return str(_("已到期"))
        if day < self.starts_on:
            told = {"month": self.starts_on.month, "day": self.starts_on.day}
            return str(_("%(month)d月%(day)d日起问") % told)
        return str(_("正在问"))

    def asked(self) -> dict[str, Any]:
        """The field as a form definition holds it; it feeds no column."""
        field: dict[str, Any] = {"name": self.name, "label": self.label, "type": self.type}
        is_typed = self.type in (self.FieldType.NUMBER, self.FieldType.TEXT)
        hint = self.hint or (str(_("可不填")) if is_typed and not self.required else "")
        if hint:
            field["hint"] = hint
        if self.required:
            field["required"] = True
        if self.relevant:
            field["relevant"] = self.relevant
        if self.type in (self.FieldType.CHOICE, self.FieldType.CHOICES):
            field["choices"] = [
                {"value": f"c{number}", "label": label}
                for number, label in enumerate(self.choices, 1)
            ]
        elif self.type == self.FieldType.NUMBER:
            field |= {"max": self.most or HIGHEST, "unit": self.unit, "keeps_zero": True}
        elif self.type == self.FieldType.TEXT:
            field["max_length"] = LONGEST_ANSWER
        return field


# The engine takes four digits, and a sentence is as long as 「一句话」 may be.
HIGHEST = 9999
LONGEST_ANSWER = 200
