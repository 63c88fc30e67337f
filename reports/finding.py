"""Finding block and community reports in a list: by a place's name, a week or a month."""

import re

from django.db.models import Q
from django.http import Http404

from reports.free_text import normalise
from reports.models.period import ObligationQuerySet
from units.kinds import Kind
from units.models import Community, Place, User
from units.scope import Action

_WEEK = re.compile(r"第?(\d{1,2})周")
_MONTH = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月")


def may_look(user: User, code: str) -> bool:
    """Whether this person reads the reports of the community or of one of its blocks."""
    places = Place.objects.visible_to(user, Action.SEE_REPORTS)
    return places.filter(community__code=code, kind__lt=Kind.BUILDING).exists()


def community(code: str) -> Community:
    found = Community.objects.select_related("division").filter(code=code).first()
    if found is None:
        raise Http404
    return found


def matching(owed: ObligationQuerySet, query: str) -> ObligationQuerySet:
    """「第3片区」, 「第47周」, 「47周」, 「11月」, 「2026年11月」, or the name of the report."""
    for word in normalise(query[:100]).split():
        week, month = _WEEK.fullmatch(word), _MONTH.fullmatch(word)
        if week:
            owed = owed.filter(period__kind="week", period__key__endswith=f"-W{int(week[1]):02d}")
        elif month:
            owed = owed.filter(period__ends_on__month=int(month[2]))
            owed = owed.filter(period__ends_on__year=int(month[1])) if month[1] else owed
        else:
            owed = owed.filter(Q(place__name__icontains=word) | Q(form__name__icontains=word))
    return owed
