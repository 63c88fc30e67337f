"""The community at a glance beside the queue, and the number that an open page asks for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Count, Q, Sum
from django.utils import timezone

from governance.board.figures import latest_time, rows_of
from governance.board.workbench.items import Item, Sort
from governance.voices.models import Voice
from reports import measures, queue
from reports.models import Period, Report, Review, Summary
from units import scope
from units.kinds import Kind
from units.models import Community, Place, User
from units.scope import Action

_SALT = "workbench.live"
_AGE = 24 * 3600


def shown(
    user: User, community: Community, tops: Sequence[Place], items: Sequence[Item], *, at: datetime
) -> dict[str, Any]:
    """What the strip says; every number is that of the list behind it."""
    today = timezone.localdate(at)
    period = Period.objects.filter(
        kind=Period.PeriodKind.WEEK, starts_on__lte=today, ends_on__gte=today
    ).first()
    rows = list(rows_of(period, tops).values())
    # A figure has a page for one place; of several blocks it is only told.
    place = tops[0].code if len(tops) == 1 else ""
    reviewed = Report.objects.reviewed_by(user).filter(
        community=community, place__kind__in=(Kind.BLOCK, Kind.BUILDING)
    )
    may_review = bool(scope.reach(user, Action.REVIEW).spans)
    return {
        "period": period,
        "coverage": measures.figure(
            measures.COVERAGE, rows, place=place, period=period.key if period and place else ""
        ),
        "not_in": sum(item.is_owed and item.sort == Sort.BUILDING for item in items),
        "may_review": may_review,
        "waiting": queue.count(reviewed) if may_review else 0,
        "voices": sum(item.sort == Sort.VOICE for item in items),
        "computed_at": latest_time(rows) if rows else None,
        "live_token": _token(community, period, tops),
    }


def arrived(items: Sequence[Item], opened: datetime) -> int:
    """How many came in since a page was opened; what falls due comes from nobody."""
    return sum(item.since > opened and not item.is_owed for item in items)


def _token(community: Community, period: Period | None, tops: Sequence[Place]) -> str:
    told = [community.pk, period.pk if period else 0, [place.pk for place in tops]]
    return signing.dumps(told, salt=_SALT, compress=True)


def version(token: str) -> str:
    """Changes with the figures and with what waits; three small queries, and no words of anybody.

    Raises signing.BadSignature for a token that is not ours or older than a day.
    """
    community, period, tops = signing.loads(token, salt=_SALT, max_age=_AGE)
    figures = Summary.objects.filter(period=period, place__in=tops).aggregate(n=Sum("version"))
    # Of the reader's own places: what happens in another block is not even a number here.
    own = Q(place__in=tops) | Q(place__parent__in=tops) | Q(place__parent__parent__in=tops)
    reports = (
        Report.objects.filter(own, community=community, is_event=False)
        .exclude(review=Review.ACCEPTED)
        .aggregate(n=Count("pk"), sent=Sum("rev"), back=Count("pk", Q(review=Review.RETURNED)))
    )
    voices = Voice.objects.unclosed().filter(own, community=community)
    heard = voices.aggregate(n=Count("pk"), taken=Count("accepted_at"))
    numbers = (*figures.values(), *reports.values(), *heard.values())
    return ".".join(str(each or 0) for each in numbers)
