"""Brakes: how often somebody guessed wrong from somewhere. Names neither the one nor the other."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Brake(models.Model):
    """`key` is a keyed hash; `weight` the wrong guesses, each losing half with every half-life."""

    key = models.CharField(max_length=64, primary_key=True)
    weight = models.FloatField()
    last_at = models.DateTimeField(db_index=True)
    free_at = models.DateTimeField()

    class Meta:
        verbose_name = _("猜错的次数")
        verbose_name_plural = _("猜错的次数")

    def __str__(self) -> str:
        return self.key
