"""Which of many sessions still stand, asked at once: for who keeps in mind whom they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import connection
from django.http import HttpRequest

from units import sessions
from units.models import User


@dataclass(frozen=True)
class Standing:
    """What a session hangs on, as it was when `units/sessions.py` let it through.

    `secret` is another one when the person's password is, or when all their sessions were ended.
    """

    key: str
    person: int
    secret: str
    device: int | None


def standing_of(request: HttpRequest) -> Standing:
    """Of a request whose `user` is authenticated."""
    key = request.session.session_key or ""
    return Standing(key, request.user.pk, _secret(request.user), sessions.device_id(request))


def _secret(user: User) -> str:
    return sha256(f"{user.password}#{user.sessions_ended}".encode()).hexdigest()


# Facts and not versions: whatever happened between Django's look and this one is seen too.
_STILL = """
SELECT told.key
  FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[])
       AS told (key, person, secret, device)
  JOIN django_session s ON s.session_key = told.key AND s.expire_date > %s
  JOIN units_user u ON u.id = told.person AND u.is_active
   AND encode(sha256(convert_to(u.password || '#' || u.sessions_ended, 'UTF8')), 'hex')
       = told.secret
 WHERE told.device IS NULL OR EXISTS (
       SELECT FROM units_device d
        WHERE d.id = told.device AND d.user_id = told.person AND d.revoked_at IS NULL
          AND (d.lapses_at IS NULL OR d.lapses_at > %s))
"""


def still_standing(known: Iterable[Standing], *, at: datetime) -> set[str]:
    """The keys of those that nothing has ended: no logout, no new password, no revoked device."""
    known = list(known)
    if not known:
        return set()
    columns = [
        [each.key for each in known],
        [each.person for each in known],
        [each.secret for each in known],
        [each.device for each in known],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STILL, [*columns, at, at])
        return {key for (key,) in cursor}
