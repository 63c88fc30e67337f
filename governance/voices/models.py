"""The sheet at a stairwell, and what was said through it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from units import scope
from units.kinds import Kind
from units.models import Community, Place, User

RECEIPT_DIGITS = 16
MAX_WORDS = 300
MAX_ANSWER = 200


class DoorplateQuerySet(models.QuerySet["Doorplate"]):
    def in_force(self) -> "DoorplateQuerySet":
        return self.filter(revoked_at__isnull=True)

    def visible_to(self, user: User, action: scope.Action) -> "DoorplateQuerySet":
        return self.filter(scope.reach(user, action).as_q("place"))


class Doorplate(models.Model):
    """The code printed for one building's stairwell. A new one makes the old paper worthless."""

    place = models.ForeignKey(
        Place, models.PROTECT, related_name="doorplates", verbose_name=_("楼组")
    )
    # Follows `place` (composite foreign key), so that a CHECK can say that it is a building.
    place_kind = models.PositiveSmallIntegerField(default=Kind.BUILDING, editable=False)
    token = models.CharField(_("码"), max_length=24, unique=True)
    made_at = models.DateTimeField(_("制作时间"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("由谁制作"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁停用")
    )

    objects = DoorplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("楼道码")
        verbose_name_plural = _("楼道码")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(revoked_at__isnull=True),
                name="one_doorplate_in_force",
                violation_error_message=_("这个楼组已经有一张码，请刷新后再看"),
                violation_error_code="one_doorplate_in_force",
            ),
            models.CheckConstraint(
                condition=Q(place_kind=Kind.BUILDING), name="a_doorplate_hangs_in_a_building"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="a_revoked_doorplate_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.made_at:%Y-%m-%d}"


class VoiceQuerySet(models.QuerySet["Voice"]):
    def visible_to(self, user: User, action: scope.Action = scope.Action.HEAR) -> "VoiceQuerySet":
        return self.filter(scope.reach(user, action).as_q("place"))

    def with_words(self) -> "VoiceQuerySet":
        return self.filter(purged_at__isnull=True)

    def unclosed(self) -> "VoiceQuerySet":
        return self.filter(closed_at__isnull=True)

    def in_state(self, state: str) -> "VoiceQuerySet":
        if state == Voice.State.CLOSED:
            return self.filter(closed_at__isnull=False)
        return self.unclosed().filter(accepted_at__isnull=state == Voice.State.NEW)


class Voice(models.Model):
    """One sentence of a resident about one building. Nothing here says who it was."""

    class About(models.TextChoices):
        HELP = "help", _("需要帮助")
        SUGGESTION = "suggestion", _("意见建议")
        BROKEN = "broken", _("设施坏了")
        OTHER = "other", _("其他")

    class State(models.TextChoices):
        NEW = "new", _("新上报")
        ACCEPTED = "accepted", _("已受理")
        CLOSED = "closed", _("已办结")

    # Made with the page it was written on: pressed twice, it is said once.
    form_id = models.UUIDField(unique=True, editable=False)
    receipt = models.CharField(_("回执号"), max_length=RECEIPT_DIGITS, unique=True)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="+", verbose_name=_("居民区")
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("楼组"))
    doorplate = models.ForeignKey(
        Doorplate, models.PROTECT, related_name="voices", verbose_name=_("楼道码")
    )
    about = models.CharField(_("哪一类"), max_length=12, choices=About.choices)
    words = models.CharField(_("说了什么"), max_length=MAX_WORDS)
    shown_to_group = models.BooleanField(_("也给楼组看"), default=False)
    # They will ring and give this receipt: no telephone number is kept.
    wants_contact = models.BooleanField(_("想请居委联系"), default=False)
    said_at = models.DateTimeField(_("什么时候"))
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁受理")
    )
    # The press that took it on, kept when that is undone: the same press never does it twice.
    # So with the one that closed it.
    accepted_in = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁办结")
    )
    closed_in = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    answer = models.CharField(_("回音"), max_length=MAX_ANSWER, blank=True)
    # When words and answer had been kept for as long as they may; see `purging.py`.
    purged_at = models.DateTimeField(_("原话删去时间"), null=True, blank=True)

    objects = VoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("居民反映")
        verbose_name_plural = _("居民反映")
        ordering = ["-said_at", "-id"]
        indexes = [models.Index(fields=["place", "-said_at"], name="voice_by_place_and_time")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(words="") | Q(purged_at__isnull=False), name="a_voice_says_something"
            ),
            models.CheckConstraint(
                condition=Q(receipt__regex=rf"^[0-9]{{{RECEIPT_DIGITS}}}$"),
                name="a_voice_has_a_receipt_of_digits",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(
                    accepted_at__isnull=False,
                    accepted_at__gte=F("said_at"),
                    accepted_by__isnull=False,
                ),
                name="a_voice_is_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, answer="")
                | Q(
                    closed_at__isnull=False,
                    accepted_at__isnull=False,
                    closed_at__gte=F("accepted_at"),
                    closed_by__isnull=False,
                )
                & (~Q(answer="") | Q(purged_at__isnull=False)),
                name="a_closed_voice_has_its_answer",
                violation_error_message=_("请写一句回音再办结"),
                violation_error_code="answer_required",
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True)
                | Q(
                    closed_at__isnull=False,
                    purged_at__gte=F("closed_at"),
                    words="",
                    answer="",
                    wants_contact=False,
                ),
                name="of_a_purged_voice_no_words_are_left",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_in_groups

    @property
    def state(self) -> "Voice.State":
        if self.closed_at:
            return Voice.State.CLOSED
        return Voice.State.ACCEPTED if self.accepted_at else Voice.State.NEW

    @property
    def told(self) -> str:
        """The words, or that they are not kept any more."""
        return gettext("原话已按规定删去") if self.purged_at else self.words

    @property
    def receipt_in_groups(self) -> str:
        """As it is read out: 4821 0937 5512 6604."""
        return " ".join(self.receipt[n : n + 4] for n in range(0, RECEIPT_DIGITS, 4))
