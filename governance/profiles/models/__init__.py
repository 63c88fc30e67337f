"""Facts about buildings, flats and facilities. Nothing here is about a person."""

from governance.profiles.models.defect import DefectDecision
from governance.profiles.models.facility import (
    FAULTY,
    Condition,
    Facility,
    FacilityCondition,
    FacilityKind,
)
from governance.profiles.models.housing import (
    AreaBand,
    BuildingProfile,
    Defect,
    DwellingCount,
    HousingType,
    Structure,
    Tenure,
)
from governance.profiles.models.parking import ParkingNeed

__all__ = [
    "FAULTY",
    "AreaBand",
    "BuildingProfile",
    "Condition",
    "Defect",
    "DefectDecision",
    "DwellingCount",
    "Facility",
    "FacilityCondition",
    "FacilityKind",
    "HousingType",
    "ParkingNeed",
    "Structure",
    "Tenure",
]
