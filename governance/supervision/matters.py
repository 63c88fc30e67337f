"""What is overdue in a street, sorted by days: reports not in, and queries not answered.

Of communities, never of a building or a person. What is not yet locked can still come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Count, Min, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.supervision.models import Answer, Query, SupportAsk
from reports.catalogue import BLOCK_REPORT, BUILDING_REPORT, COMMUNITY_REPORT
from reports.models import Obligation, Period
from units import scope
from units.models import Community, Division, Place, User

_FORMS = {
    COMMUNITY_REPORT: Query.About.MONTHLY,
    BLOCK_REPORT: Query.About.BLOCKS,
    BUILDING_REPORT: Query.About.GROUPS,
}
STANDING_ANSWERS = Prefetch("answers", Answer.objects.standing().select_related("by"))
_NOT_IN = Q(report=None) | Q(report__rev=0) | Q(report__withdrawn=True)


@dataclass(frozen=True)
class Matter:
    """One thing that is overdue. `query` is what the street has asked about it already."""

    community: Community
    about: str
    words: str
    period: Period | None
    days: int
    query: Query | None = None

    @property
    def key(self) -> str:
        """Unlike any other's, and the same as long as it is overdue."""
        return f"{self.community.code}-{self.about}-{self.period.key if self.period else ''}"

    @property
    def form_id(self) -> UUID:
        return uuid4()

    @property
    def suggestion(self) -> str:
        """What is in the field before anybody types."""
        return _("%(what)s，请说明情况，打算哪天前补上") % {"what": self.words}


def communities_of(division: Division) -> list[Community]:
    parts = division.with_descendants()
    return list(Community.objects.filter(division__in=parts).order_by("code"))


def overdue(communities: Sequence[Community], *, at: datetime) -> list[Matter]:
    """The longest overdue first, then by community."""
    named = {each.pk: each for each in communities}
    return _overdue(named, _open_queries(named), at)


def _overdue(named: dict[int, Community], unanswered: list[Any], at: datetime) -> list[Matter]:
    today = timezone.localdate(at)
    asked = {(q.community_id, q.about, q.period_id): q for q in unanswered}
    found = [
        *_reports(named, asked, at),
        *(
            Matter(named[q.community_id], q.about, _told(q), q.period, (today - q.due_on).days, q)
            for q in unanswered
            if q.due_on < today and not q.is_answered and q.about in _ABOUT_NO_REPORT
        ),
    ]
    return sorted(found, key=lambda each: (-each.days, each.community.code, each.about))


_ABOUT_NO_REPORT = (Query.About.FIGURE, Query.About.OTHER)


def _told(query: Query) -> str:
    return _("请说明情况还没有答复：%s") % query.words


def _open_queries(communities: Iterable[int]) -> list[Any]:
    queries = Query.objects.unclosed().with_answered().filter(community__in=communities)
    return list(queries.select_related("period", "asked_by"))


def _reports(
    named: dict[int, Community], asked: dict[Any, Query], at: datetime
) -> Iterable[Matter]:
    """Past due, not locked, not excused: one matter a community, form and period."""
    today = timezone.localdate(at)
    late = (
        Obligation.objects.filter(
            _NOT_IN,
            community__in=named,
            form__code__in=_FORMS,
            due_at__lt=at,
            locks_at__gt=at,
            excused_reason="",
            waived_reason="",
        )
        .order_by()
        .values("community", "form__code", "period")
        .annotate(count=Count("pk"), due=Min("due_at"))
    )
    rows = list(late)
    periods = Period.objects.in_bulk({row["period"] for row in rows})
    for row in rows:
        period, about = periods[row["period"]], _FORMS[row["form__code"]]
        words = {
            Query.About.MONTHLY: _("%(period)s社区月报没有收到"),
            Query.About.BLOCKS: _("%(period)s还有%(count)d份片区报告没有收到"),
            Query.About.GROUPS: _("%(period)s还有%(count)d个楼组的周报没有收到"),
        }[about] % {"period": period.short_label, "count": row["count"]}
        query = asked.get((row["community"], about.value, period.pk))
        days = (today - timezone.localdate(row["due"])).days
        yield Matter(named[row["community"]], about.value, words, period, days, query)


def queries_of(communities: Sequence[Community]) -> list[Any]:
    """What the street has asked and not closed, answered ones first: they wait for the street."""
    found = Query.objects.unclosed().with_answered().filter(community__in=communities)
    return list(
        found.select_related("community", "period", "asked_by")
        .prefetch_related(STANDING_ANSWERS)
        .order_by("-is_answered", "due_on", "pk")
    )


def asks_of(division: Division) -> list[SupportAsk]:
    """What committees ask of the street and is not answered, by due date."""
    asks = SupportAsk.objects.of_street(division.with_descendants()).unanswered()
    return list(
        asks.select_related("community", "place", "report__obligation__period", "held_by").order_by(
            "due_on", "pk"
        )
    )


@dataclass(frozen=True)
class Waiting:
    """What the first page says of this room, as counts."""

    asks: int
    asks_overdue: int
    matters: int
    queries: int
    queries_answered: int


def counts(communities: Sequence[Community], *, at: datetime) -> Waiting:
    """Of a street's communities."""
    today = timezone.localdate(at)
    asks = SupportAsk.objects.of_street([each.division_id for each in communities]).unanswered()
    told = asks.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    named = {each.pk: each for each in communities}
    queries = _open_queries(named)
    return Waiting(
        told["all"],
        told["late"],
        len(_overdue(named, queries, at)),
        len(queries),
        sum(each.is_answered for each in queries),
    )


def stamps(divisions: set[str]) -> dict[str, int]:
    """By street a number that grows with all that passes between it and its committees."""
    return {code: _stamp(code) for code in sorted(divisions)}


# Counts and moments of rows that are only ever added or moved on; written out, for open pages ask
# it many times a second.
_STAMP = """
SELECT coalesce((SELECT sum(1 + 2 * (q.withdrawn_at IS NOT NULL)::int
                              + 4 * (q.closed_at IS NOT NULL)::int)
                   FROM supervision_query q JOIN units_community c ON c.id = q.community_id
                  WHERE c.division_id = %(code)s), 0)
     + coalesce((SELECT count(*)
                   FROM supervision_answer a JOIN supervision_query q ON q.id = a.query_id
                   JOIN units_community c ON c.id = q.community_id
                  WHERE c.division_id = %(code)s), 0)
     + coalesce((SELECT sum(floor(extract(epoch FROM s.forwarded_at))
                              + 2 * (s.withdrawn_at IS NOT NULL)::int
                              + 4 * (s.held_by_id IS NOT NULL)::int)
                   FROM supervision_supportask s JOIN units_community c ON c.id = s.community_id
                  WHERE c.division_id = %(code)s), 0)
     + coalesce((SELECT count(*)
                   FROM supervision_supportanswer a JOIN supervision_supportask s ON s.id = a.ask_id
                   JOIN units_community c ON c.id = s.community_id
                  WHERE c.division_id = %(code)s), 0)
"""


def _stamp(code: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, {"code": code})
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Item:
    """One line for the committee's day: what, of which place, until when."""

    key: str
    place: Place
    what: str
    words: str
    due_on: date


def waiting(user: User, community: Community) -> list[Item]:
    """For the committee's day: the street's queries without an answer, and blocks' asks."""
    mine = scope.reach(user, scope.Action.ANSWER_STREET).as_q("place")
    queries = Query.objects.unanswered().filter(mine, community=community)
    answers = scope.reach(user, scope.Action.ANSWER_STREET).as_q("community__places")
    asks = SupportAsk.objects.with_committee().filter(answers, community=community)
    items = [
        Item(f"query-{each.pk}", each.place, str(_("街道请说明情况")), each.words, each.due_on)
        for each in queries.select_related("place")
    ]
    items += [
        Item(
            f"ask-{each.pk}",
            each.place,
            str(_("请求支持")),
            str(each.get_wanted_display()),
            each.due_on,
        )
        for each in asks.select_related("place")
    ]
    return sorted(items, key=lambda item: item.due_on)
