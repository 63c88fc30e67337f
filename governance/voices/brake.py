"""The brake on a door without a lock: so many an hour, counted in PostgreSQL. Never a puzzle."""

from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from governance.voices.models import Tally
from units import brakes
from units.refusals import Refusal

# A hundred families may stand behind one address of a telephone company.
SAID_PER_ADDRESS = 20
SAID_PER_BUILDING = 40
LOOKED_UP_PER_ADDRESS = 60
KEPT = timedelta(days=1)
_COUNT = """
INSERT INTO voices_tally (key, hour, count) VALUES (%s, %s, 1)
    ON CONFLICT (key, hour) DO UPDATE SET count = voices_tally.count + 1
RETURNING count
"""


def press(key: str, *, limit: int, at: datetime) -> None:
    """Count one more for this hour. Raises Refusal `too_many` (429) beyond `limit`."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, hour])
        count = cursor.fetchone()[0]
    if count > limit:
        message = _("这一小时里说的人太多了，请过一小时再来，或打电话给居委会。您写的还在下面")
        waits = int((hour + timedelta(hours=1) - at).total_seconds())
        raise Refusal("too_many", message, 429, retry_after=waits)


def visitor(request: HttpRequest, *, at: datetime) -> str:
    """Whose turn it is, as a hash that is another one tomorrow: nobody is followed by it."""
    day = timezone.localdate(at)
    address = brakes.address_of(request)
    return salted_hmac(f"voices.visitor.{day}", address, algorithm="sha256").hexdigest()


def forget(*, at: datetime) -> int:
    """Drop the tallies of yesterday and before."""
    return Tally.objects.filter(hour__lt=at - KEPT).delete()[0]
