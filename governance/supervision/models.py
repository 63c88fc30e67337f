"""What the street asks a committee, and what committees ask of the street.

Both go between offices: nothing here is addressed to, or about, a resident or a volunteer.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from reports.models import Period, Report
from units import scope
from units.kinds import Kind
from units.models import Community, Place, User

MAX_WORDS = 300


class QueryQuerySet(models.QuerySet["Query"]):
    def visible_to(self, user: User) -> "QueryQuerySet":
        """To the committee that is asked and to the street above it."""
        answers = scope.reach(user, scope.Action.ANSWER_STREET).as_q("place")
        divisions = list(scope.reach(user, scope.Action.SEE_REPORTS).divisions)
        return self.filter(answers | Q(community__division__in=divisions))

    def standing(self) -> "QueryQuerySet":
        return self.filter(withdrawn_at__isnull=True)

    def unclosed(self) -> "QueryQuerySet":
        return self.standing().filter(closed_at__isnull=True)

    def with_answered(self) -> "QueryQuerySet":
        answers = Answer.objects.standing().filter(query=OuterRef("pk"))
        return self.annotate(is_answered=Exists(answers))

    def unanswered(self) -> "QueryQuerySet":
        return self.unclosed().with_answered().filter(is_answered=False)


class Query(models.Model):
    """「请说明情况」: the street asks a committee about one matter of its community."""

    class About(models.TextChoices):
        MONTHLY = "monthly", _("社区月报没有收到")
        BLOCKS = "blocks", _("片区报告没有收齐")
        GROUPS = "groups", _("楼组周报没有收齐")
        FIGURE = "figure", _("一个数字")
        OTHER = "other", _("另一件事")

    # Made with the page it was written on: pressed twice, it is asked once.
    form_id = models.UUIDField(unique=True, editable=False)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="+", verbose_name=_("居民区")
    )
    # The community itself: its committee is asked, never somebody below it.
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地方"))
    place_kind = models.PositiveSmallIntegerField(default=Kind.COMMUNITY, editable=False)
    about = models.CharField(_("关于什么"), max_length=10, choices=About.choices)
    period = models.ForeignKey(
        Period, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("报告期")
    )
    measure = models.CharField(_("指标"), max_length=20, blank=True)
    words = models.CharField(_("请说明什么"), max_length=MAX_WORDS)
    asked_at = models.DateTimeField(_("什么时候问的"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("由谁问"))
    due_on = models.DateField(_("请在哪天前答复"))
    # Taken back within ten seconds: as if never asked.
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁办结")
    )

    objects = QueryQuerySet.as_manager()

    class Meta:
        verbose_name = _("请说明情况")
        verbose_name_plural = _("请说明情况")
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["community", "-asked_at"], name="query_by_community")]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="a_query_says_something"),
            models.CheckConstraint(
                condition=Q(place_kind=Kind.COMMUNITY), name="a_query_is_asked_of_a_community"
            ),
            models.UniqueConstraint(
                fields=["place", "about", "period", "measure"],
                condition=Q(withdrawn_at__isnull=True, closed_at__isnull=True) & ~Q(about="other"),
                name="one_open_query_per_matter",
                nulls_distinct=False,
                violation_error_message=_("这件事已经请居委会说明了，请看它的答复"),
                violation_error_code="already_asked",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="a_closed_query_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community_id} {self.about} {self.asked_at:%Y-%m-%d}"


class SupportAskQuerySet(models.QuerySet["SupportAsk"]):
    def asked_by(self, user: User) -> "SupportAskQuerySet":
        """Of blocks and communities whose reports this person reads from within."""
        spans = scope.reach(user, scope.Action.SEE_REPORTS).spans
        inside = scope.Reach(spans=list(spans))
        return self.filter(inside.as_q("place"))

    def of_street(self, divisions: list[str]) -> "SupportAskQuerySet":
        """What has been handed to the street, and nothing that is still its committee's."""
        handed = self.filter(community__division__in=divisions, withdrawn_at__isnull=True)
        return handed.filter(forwarded_at__gte=F("asked_at"))

    def with_answer(self) -> "SupportAskQuerySet":
        """`answered_at`, `answer` and `answered_by`: the last that stands of this asking."""
        told = SupportAnswer.objects.standing().filter(ask=OuterRef("pk")).order_by("-id")
        told = told.filter(at__gte=OuterRef("asked_at"))
        return self.annotate(
            answered_at=Subquery(told.values("at")[:1]),
            answer=Coalesce(Subquery(told.values("words")[:1]), models.Value("")),
            answered_by=Subquery(told.values("by__full_name")[:1]),
            answered_by_street=Subquery(told.values("is_streets")[:1]),
        )

    def unanswered(self) -> "SupportAskQuerySet":
        return self.with_answer().filter(answered_at__isnull=True, withdrawn_at__isnull=True)

    def with_committee(self) -> "SupportAskQuerySet":
        """Of blocks, and neither handed on nor answered."""
        waits = Q(forwarded_at__isnull=True) | Q(forwarded_at__lt=F("asked_at"))
        return self.unanswered().filter(waits)


class SupportAsk(models.Model):
    """What a block or community report asks for, pulled from it; see `intake.py`.

    A block asks its committee, which answers or hands it to the street in a sentence of its own; a
    community's monthly report asks the street. One row a report and kind: asked again it is the
    same row, asked anew.
    """

    class Wanted(models.TextChoices):
        HANDS = "hands", _("人手")
        MONEY = "money", _("资金")
        DEPARTMENTS = "departments", _("协调部门")
        POLICY = "policy", _("政策解释")
        STREET = "street", _("需街道")

    class State(models.TextChoices):
        WITH_COMMITTEE = "with_committee", _("等居委会处理")
        WITH_STREET = "with_street", _("等街道答复")
        ANSWERED = "answered", _("已答复")
        WITHDRAWN = "withdrawn", _("已撤回")

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="+", verbose_name=_("居民区")
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("谁提出的"))
    place_kind = models.PositiveSmallIntegerField(editable=False)
    report = models.ForeignKey(
        Report, models.PROTECT, related_name="+", verbose_name=_("在哪份报告里")
    )
    wanted = models.CharField(_("要什么支持"), max_length=12, choices=Wanted.choices)
    # Codes of `top_issues` of the report: what it is about.
    issues = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("哪一类问题"))
    # For the street: a monthly report's own words, or what the committee wrote handing it on.
    words = models.CharField(_("写给街道的话"), max_length=1000, blank=True)
    asked_at = models.DateTimeField(_("提出时间"))
    # Of whoever holds it now.
    due_on = models.DateField(_("答复期限"))
    forwarded_at = models.DateTimeField(_("转街道时间"), null=True, blank=True)
    forwarded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁转")
    )
    held_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("街道谁在办")
    )
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    objects = SupportAskQuerySet.as_manager()

    class Meta:
        verbose_name = _("请街道支持")
        verbose_name_plural = _("请街道支持")
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["community", "due_on"], name="ask_by_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "wanted"], name="one_ask_per_report_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(place_kind__in=(Kind.COMMUNITY, Kind.BLOCK)),
                name="an_ask_is_of_a_block_or_community",
            ),
            models.CheckConstraint(
                condition=Q(forwarded_at__isnull=True) | ~Q(words=""),
                name="what_goes_to_the_street_says_what_for",
                violation_error_message=_("请写一句话告诉街道要什么"),
                violation_error_code="words_required",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.wanted}"

    @property
    def is_with_street(self) -> bool:
        return self.forwarded_at is not None and self.forwarded_at >= self.asked_at

    @property
    def state(self) -> "SupportAsk.State":
        """Needs `with_answer()`."""
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if self.answered_at:  # type: ignore[attr-defined]
            return self.State.ANSWERED
        return self.State.WITH_STREET if self.is_with_street else self.State.WITH_COMMITTEE

    def days_overdue(self, today: date) -> int:
        return max((today - self.due_on).days, 0)


class Intake(models.Model):
    """Which sending of a block or community report `intake.py` has looked at."""

    report = models.OneToOneField(
        Report, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("报告")
    )
    rev = models.PositiveIntegerField(_("第几次"))

    class Meta:
        verbose_name = _("看过的报告")
        verbose_name_plural = _("看过的报告")

    def __str__(self) -> str:
        return f"{self.report_id} {self.rev}"


class WordsQuerySet(models.QuerySet["Words"]):
    def standing(self) -> "WordsQuerySet":
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class Words(models.Model):
    """One answer, insert only: taking it back within ten seconds is one more row."""

    form_id = models.UUIDField(unique=True, editable=False)
    words = models.CharField(_("答复"), max_length=MAX_WORDS, blank=True)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("由谁答复"))
    undoes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name=_("撤销了哪一条"),
    )

    objects = WordsQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(undoes__isnull=True) & ~Q(words=""))
                | Q(undoes__isnull=False, words=""),
                name="%(class)s_says_something_or_undoes",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.at:%Y-%m-%d}"


class Answer(Words):
    """What the committee says to a query."""

    query = models.ForeignKey(
        Query, models.PROTECT, related_name="answers", verbose_name=_("请说明情况")
    )

    class Meta(Words.Meta):
        verbose_name = _("居委会的说明")
        verbose_name_plural = _("居委会的说明")


class SupportAnswer(Words):
    """What the street, or the committee itself, says to who asked for support."""

    ask = models.ForeignKey(
        SupportAsk, models.PROTECT, related_name="answers", verbose_name=_("请街道支持")
    )
    is_streets = models.BooleanField(_("街道答复"))

    class Meta(Words.Meta):
        verbose_name = _("对请求的答复")
        verbose_name_plural = _("对请求的答复")
