"""Writing down how many cars want a space."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.profiles.inspecting import written
from governance.profiles.models import ParkingNeed
from units import journal
from units.models import Community, User
from units.refusals import Refusal

COUNTED = "parking.counted"


@transaction.atomic
def count_cars(
    community: Community, cars: int, *, on: date, source: str, by: User | None, at: datetime
) -> ParkingNeed:
    """A dated figure with its source; the latest day counts. Raises Refusal `source_required`,
    `day_to_come` and those of free text (422)."""
    source = written(source, "source")[:40]
    if not source:
        message = _("请写这个数从哪里来")
        raise Refusal("source_required", message, fields={"source": message})
    if on > timezone.localdate(at):
        message = _("这一天还没到，请选今天或以前的日子")
        raise Refusal("day_to_come", message, fields={"on": message})
    need = ParkingNeed.objects.create(
        community=community, cars=cars, on=on, source=source, by=by, at=at
    )
    journal.note(COUNTED, user=by, at=at, community=community.pk)
    return need
