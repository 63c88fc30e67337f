"""Recording head counts: dated facts about households, never changed afterwards."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from units import locks
from units.models import Community, HouseholdCount, Place, PlaceChange, User


@transaction.atomic
def record(
    community: Community,
    counts: Sequence[HouseholdCount],
    *,
    at: datetime,
    by: User | None = None,
) -> None:
    """Insert the counts of one community's households and say so in the place log.

    A whole census is one entry on the root, a single count one on its household. Raises
    IntegrityError `one_count_per_day`, `age_bands_add_up_to_residents`.
    """
    locks.lock_bucket(locks.bucket_of(community.pk))
    HouseholdCount.objects.bulk_create(counts, batch_size=2000)
    place = (
        counts[0].place if len(counts) == 1 else Place.objects.get(community=community, parent=None)
    )
    PlaceChange.objects.create(
        community=community, place=place, what=PlaceChange.What.COUNTED, at=at, by=by
    )
