"""What each place is found by: apart from it, because a write in a tree touches half its rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from units.models.community import Community
from units.models.place import Place


class PlaceKey(models.Model):
    """The words of one place with a blank around each; written by `units/search_keys.py` only."""

    # Nothing of its own hangs on the place: gone when the place is taken out again.
    is_reckoned = True

    place = models.OneToOneField(Place, models.CASCADE, primary_key=True, related_name="key")
    community = models.ForeignKey(Community, models.PROTECT, related_name="+", db_index=False)
    kind = models.PositiveSmallIntegerField()
    words = models.TextField()

    class Meta:
        verbose_name = _("查找用词")
        verbose_name_plural = _("查找用词")
        # The words of one community are read through: an index of everybody's words finds a
        # hundred times as many and throws them away.
        indexes = [models.Index(fields=["community", "kind"], name="place_key_by_community")]

    def __str__(self) -> str:
        return self.words.strip()
