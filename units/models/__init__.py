"""Where: places. Who: people and the posts they hold."""

from units.models.brake import Brake
from units.models.branch import Branch, BranchBlock
from units.models.census_import import CensusImport, ColumnMemory
from units.models.community import Community, Division
from units.models.count import HouseholdCount
from units.models.device import Device
from units.models.invitation import Invitation
from units.models.journal import JournalEntry
from units.models.person import User
from units.models.place import Place, PlaceChange
from units.models.post import Post
from units.models.saved_link import SavedLink
from units.models.search_key import PlaceKey
from units.models.second_step import RecoveryCode, SecondStep

__all__ = [
    "Brake",
    "Branch",
    "BranchBlock",
    "CensusImport",
    "ColumnMemory",
    "Community",
    "Device",
    "Division",
    "HouseholdCount",
    "Invitation",
    "JournalEntry",
    "Place",
    "PlaceChange",
    "PlaceKey",
    "Post",
    "RecoveryCode",
    "SavedLink",
    "SecondStep",
    "User",
]
