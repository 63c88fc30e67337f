"""Where: places. Who: people and the posts they hold."""

from units.models.branch import Branch, BranchBlock
from units.models.community import Community, Division
from units.models.count import HouseholdCount
from units.models.journal import JournalEntry
from units.models.person import Device, User
from units.models.place import Place, PlaceChange
from units.models.post import Post

__all__ = [
    "Branch",
    "BranchBlock",
    "Community",
    "Device",
    "Division",
    "HouseholdCount",
    "JournalEntry",
    "Place",
    "PlaceChange",
    "Post",
    "User",
]
