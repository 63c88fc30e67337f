"""The codes at the stairwells: made for many buildings in one step, and made anew one by one."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from governance.voices.models import Doorplate
from units import journal
from units.models import Place, User

ISSUED, REVOKED = "doorplates.issued", "doorplate.revoked"
# 72 bits: a guess costs a request, and the paper hangs where everybody passes.
_TOKEN_BYTES = 9


@transaction.atomic
def issue(buildings: Sequence[Place], *, by: User, at: datetime) -> int:
    """Give a code to each building that has none. Returns how many were made; repeating makes none.

    The caller has checked scope and duty.
    """
    wanting = [place for place in buildings if place.is_building]
    # What somebody else makes at this moment stands: one in force per building, by the database.
    made = Doorplate.objects.bulk_create(
        [
            Doorplate(
                place=place, token=secrets.token_urlsafe(_TOKEN_BYTES), made_at=at, made_by=by
            )
            for place in _without(wanting)
        ],
        ignore_conflicts=True,
    )
    if made:
        journal.note(ISSUED, user=by, at=at, rows=len(made), community=made[0].place.community_id)
    return len(made)


def _without(buildings: Sequence[Place]) -> list[Place]:
    have = set(
        Doorplate.objects.in_force().filter(place__in=buildings).values_list("place_id", flat=True)
    )
    return [place for place in buildings if place.pk not in have]


@transaction.atomic
def replace(doorplate: Doorplate, *, by: User, at: datetime) -> Doorplate:
    """Make the old paper worthless and give the building a new code. Repeating changes nothing."""
    ended = (
        Doorplate.objects.in_force().filter(pk=doorplate.pk).update(revoked_at=at, revoked_by=by)
    )
    if ended:
        journal.note(REVOKED, user=by, at=at, doorplate=doorplate.pk)
    issue([doorplate.place], by=by, at=at)
    return Doorplate.objects.in_force().get(place=doorplate.place_id)
