"""Stopping devices."""

from datetime import datetime

from django.db import transaction

from units import journal
from units.models import Device, User


@transaction.atomic
def revoke(device: Device, *, by: User, at: datetime) -> None:
    """A phone, a computer or an API token; nothing it holds is worth anything afterwards."""
    if Device.objects.in_force().filter(pk=device.pk).update(revoked_at=at):
        journal.note("device.revoked", user=by, at=at, device=device.pk)
