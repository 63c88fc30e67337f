"""Marks: what the drain must recompute. Append only; a unique key here loses marks (measured)."""

from django.db import models
from django.db.models.functions import Mod, Now

from reports.models.period import Period
from units.locks import BUCKETS
from units.models import Community, Place


class Mark(models.Model):
    # As `Figures.is_reckoned`: nothing is left to recompute of a place that is gone.
    is_reckoned = True
    community = models.ForeignKey(Community, models.PROTECT, related_name="+", db_index=False)
    bucket = models.GeneratedField(
        expression=Mod("community_id", BUCKETS),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False)
    # The server's own clock on purpose: health asks how long this has waited.
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["bucket", "id"], name="mark_by_bucket")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.period_id}"


class DrainCursor(models.Model):
    """How far the drain of a bucket has read `PlaceChange`."""

    bucket = models.PositiveSmallIntegerField(primary_key=True)
    last_change = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.bucket}:{self.last_change}"
