"""Report forms: data, versioned. `reports/catalogue/*.yaml` is where they are written."""

from datetime import datetime
from functools import cached_property

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from units.kinds import Kind


class ReportForm(models.Model):
    code = models.CharField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=30)
    place_kind = models.PositiveSmallIntegerField(_("报什么"), choices=Kind.choices)
    is_event = models.BooleanField(_("按事件报"), default=False)

    class Meta:
        verbose_name = _("报告表")
        verbose_name_plural = _("报告表")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def wordings(self) -> dict[int, "FormVersion"]:
        """Published versions by number, newest first; one query an object."""
        return {version.number: version for version in self.versions.order_by("-number")}

    def latest(self) -> "FormVersion":
        return next(iter(self.wordings.values()))

    def replaced_at(self, number: int) -> datetime | None:
        """When the wording `number` stopped being the present one; None while it says the same."""
        after = self.wordings.get(number + 1)
        if after is None or self.wordings[number].definition == self.latest().definition:
            return None
        return after.published_at

    @property
    def is_upper(self) -> bool:
        """Of a block or community: drafted from the reports below, submitted with their figures."""
        return self.place_kind < Kind.BUILDING and not self.is_event

    @classmethod
    def published(cls, code: str) -> "ReportForm":
        """The form with its wordings. Raises DoesNotExist when it never was published."""
        return cls.all_published().get(code) or cls.objects.get(code=code)

    @classmethod
    def all_published(cls) -> dict[str, "ReportForm"]:
        """Forms by code with their wordings, read once in a process until one is published anew.

        One cheap query tells; ids are never used twice, so an equal answer means equal forms.
        """
        global _kept
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), max(id) FROM reports_formversion")
            state = cursor.fetchone()
        if _kept[0] != state:
            _kept = state, {form.code: form for form in cls.objects.all()}
        return _kept[1]


class FormVersion(models.Model):
    """One published wording. Old versions stay, so that old filings can be read."""

    form = models.ForeignKey(
        ReportForm, models.PROTECT, related_name="versions", verbose_name=_("报告表")
    )
    number = models.PositiveSmallIntegerField(_("版本"))
    definition = models.JSONField(_("内容"))
    published_at = models.DateTimeField(_("发布时间"))

    class Meta:
        verbose_name = _("报告表版本")
        verbose_name_plural = _("报告表版本")
        ordering = ["form", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.form_id} v{self.number}"


# What `ReportForm.published` keeps: count and last id of the wordings, and the forms by code.
_kept: tuple[tuple[int, int | None], dict[str, ReportForm]] = (-1, None), {}
