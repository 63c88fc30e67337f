"""Party branches and the blocks they answer for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from units.models.community import Community
from units.models.place import Place


class Branch(models.Model):
    """One party branch of a community; `members` is a number, never a list of people."""

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="branches", verbose_name=_("居民区")
    )
    number = models.PositiveSmallIntegerField(_("序号"))
    name = models.CharField(_("名称"), max_length=40)
    members = models.PositiveSmallIntegerField(_("在册党员数"), default=0)

    class Meta:
        verbose_name = _("党支部")
        verbose_name_plural = _("党支部")
        ordering = ["community", "number"]
        constraints = [
            models.UniqueConstraint(fields=["community", "number"], name="one_branch_per_number")
        ]

    def __str__(self) -> str:
        return self.name


class BranchBlock(models.Model):
    """Which branch maps to which block; a block has one branch."""

    branch = models.ForeignKey(
        Branch, models.CASCADE, related_name="branch_blocks", verbose_name=_("支部")
    )
    place = models.OneToOneField(
        Place, models.PROTECT, related_name="branch_block", verbose_name=_("片区")
    )

    class Meta:
        verbose_name = _("支部对应片区")
        verbose_name_plural = _("支部对应片区")

    def __str__(self) -> str:
        return f"{self.branch_id}→{self.place_id}"
