"""Recording head counts: dated facts about households, never changed afterwards."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from units import locks
from units.models import Community, HouseholdCount, Place, PlaceChange, User
from units.refusals import Refusal


@transaction.atomic
def record(
    community: Community,
    counts: Sequence[HouseholdCount],
    *,
    at: datetime,
    by: User | None = None,
    is_import: bool = False,
) -> None:
    """Insert the counts of one community's households and say so in the place log.

    A whole census or an import is one entry on the root, so that nothing names what an undo takes
    away; a single count is one on its household. Raises
    Refusal `day_to_come`, IntegrityError `one_count_per_day`, `age_bands_add_up_to_residents`.
    """
    today = timezone.localdate(at)
    if any(count.as_of > today for count in counts):
        raise Refusal("day_to_come", _("登记日期还没到，请选今天或以前的日子"))
    locks.lock_bucket(locks.bucket_of(community.pk))
    HouseholdCount.objects.bulk_create(counts, batch_size=2000)
    is_single = len(counts) == 1 and not is_import
    place = counts[0].place if is_single else Place.objects.get(community=community, parent=None)
    PlaceChange.objects.create(
        community=community, place=place, what=PlaceChange.What.COUNTED, at=at, by=by
    )
