"""The words of the field that models and rules share: kinds of place, duties, states."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.IntegerChoices):
    """How deep a place lies. Equals mptt's `level` by a CHECK."""

    COMMUNITY = 0, _("居民区")
    BLOCK = 1, _("片区")
    BUILDING = 2, _("楼组")
    FLOOR = 3, _("楼层")
    HOUSEHOLD = 4, _("住户")


class PlaceState(models.TextChoices):
    ACTIVE = "active", _("在用")
    MERGED = "merged", _("已并入")
    SPLIT = "split", _("已拆分")
    CLOSED = "closed", _("已注销")


class Duty(models.TextChoices):
    PARTY_LEADER = "party_leader", _("党小组长")
    RESIDENT_LEADER = "resident_leader", _("居民小组长")
    OWNER_REPRESENTATIVE = "owner_representative", _("业主代表")
    BRANCH_SECRETARY = "branch_secretary", _("党支部书记")
    BLOCK_WORKER = "block_worker", _("片区社工")
    STAFF = "staff", _("居委会工作人员")
    DIRECTOR = "director", _("居委会主任")
    PARTY_SECRETARY = "party_secretary", _("党总支书记")
    STREET_VIEWER = "street_viewer", _("街道查阅")
    STREET_OFFICER = "street_officer", _("街道业务主管")
    ADMINISTRATOR = "administrator", _("系统管理员")


# The three seats of a three-person group, in the order they are always shown.
SEATS = (Duty.PARTY_LEADER, Duty.RESIDENT_LEADER, Duty.OWNER_REPRESENTATIVE)
DIVISION_DUTIES = (Duty.STREET_VIEWER, Duty.STREET_OFFICER, Duty.ADMINISTRATOR)
COMMUNITY_DUTIES = (Duty.STAFF, Duty.DIRECTOR, Duty.PARTY_SECRETARY)
# Who works with other people's data at a desk: password and second step, never a card and a PIN.
STAFF_DUTIES = (Duty.BLOCK_WORKER, *COMMUNITY_DUTIES, *DIVISION_DUTIES)
