"""Posts: who answers for which place, branch or division, and from when to when."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units import scope
from units.kinds import COMMUNITY_DUTIES, DIVISION_DUTIES, SEATS, Duty, Kind
from units.models.branch import Branch
from units.models.community import Division
from units.models.person import User
from units.models.place import Place


class PostQuerySet(models.QuerySet["Post"]):
    def in_force(self, at: datetime) -> "PostQuerySet":
        return self.filter(during__contains=at)

    def visible_to(self, user: User, action: scope.Action) -> "PostQuerySet":
        """Posts that hang on a place in reach."""
        return self.filter(scope.reach(user, action).as_q("place"))

    def seats(self) -> "PostQuerySet":
        return self.filter(duty__in=SEATS)


def _on(what: str, duties: tuple[Duty, ...], kinds: tuple[Kind, ...] = ()) -> Q:
    """The CHECK branch for duties that hang on `what` and on nothing else."""
    nulls = {f"{other}__isnull": other != what for other in ("place", "branch", "division")}
    return Q(duty__in=duties, **nulls) & (
        Q(place_kind__in=kinds) if kinds else Q(place_kind__isnull=True)
    )


class Post(models.Model):
    """A duty held by a person. A seat of a three-person group is a post; a vacancy is computed.

    `during` is a half-open range of moments, so a post that ends now ends access at the next
    request, also when it began today.
    """

    class Basis(models.TextChoices):
        PROPOSED = "proposed", _("推选")
        ASSIGNED = "assigned", _("指定")
        ELECTED = "elected", _("选举")

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name=_("谁"))
    duty = models.CharField(_("职责"), max_length=24, choices=Duty.choices)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("地方")
    )
    # Follows `place` (composite foreign key), so that a CHECK can say which duty fits which kind.
    place_kind = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("支部")
    )
    division = models.ForeignKey(
        Division,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("街道"),
    )
    during = DateTimeRangeField(_("任期"))
    basis = models.CharField(
        _("产生方式"), max_length=10, choices=Basis.choices, default=Basis.PROPOSED
    )
    reason = models.CharField(_("一人兼多席的理由"), max_length=100, blank=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁确认")
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=_on("place", SEATS, (Kind.BLOCK, Kind.BUILDING, Kind.FLOOR))
                | _on("place", (Duty.BLOCK_WORKER,), (Kind.BLOCK,))
                | _on("place", COMMUNITY_DUTIES, (Kind.COMMUNITY,))
                | _on("branch", (Duty.BRANCH_SECRETARY,))
                | _on("division", DIVISION_DUTIES),
                name="post_scope_fits_its_duty",
                violation_error_message=_("职责与所在的地方不相符"),
                violation_error_code="post_scope_fits_its_duty",
            ),
            models.CheckConstraint(
                condition=~Q(granted_by=F("user")),
                name="nobody_appoints_themselves",
                violation_error_message=_("不能自己任命自己"),
                violation_error_code="nobody_appoints_themselves",
            ),
            ExclusionConstraint(
                name="one_person_per_seat",
                expressions=[
                    ("place", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(duty__in=SEATS),
                violation_error_message=_("这个席位已经有人，请先结束原来的任期"),
                violation_error_code="one_person_per_seat",
            ),
            ExclusionConstraint(
                name="one_secretary_per_branch",
                expressions=[
                    ("branch", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(duty=Duty.BRANCH_SECRETARY),
                violation_error_message=_("这个支部已经有书记，请先结束原来的任期"),
                violation_error_code="one_secretary_per_branch",
            ),
            ExclusionConstraint(
                name="one_seat_per_person_and_group",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("place", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(duty__in=SEATS, reason=""),
                violation_error_message=_("一人在同一小组只能坐一席，确需兼任请写明理由"),
                violation_error_code="one_seat_per_person_and_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.get_duty_display()}"
