"""Brakes: how often somebody guessed wrong, or knocked within an hour. Names no one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Brake(models.Model):
    """`key` is a keyed hash. `weight` of a guess (`units/brakes/guessing.py`): the wrong ones,
    each losing half with every half-life; of an hour (`hourly.py`): how many were let in."""

    key = models.CharField(max_length=64, primary_key=True)
    weight = models.FloatField()
    last_at = models.DateTimeField(db_index=True)
    free_at = models.DateTimeField()

    class Meta:
        verbose_name = _("猜错的次数")
        verbose_name_plural = _("猜错的次数")

    def __str__(self) -> str:
        return self.key
