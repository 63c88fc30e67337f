"""What a building's doors have told in a period so far: the numbers its weekly form asks about.

Counts of tellings, so that none is zero; they come from the summaries and are as new as these.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext as _

from reports.models import Obligation, Summary

_COLUMNS = ("visits", "absences", "arrived", "departed")


def so_far(obligations: Iterable[Obligation]) -> Mapping[int, str]:
    """Obligation → one sentence; one query."""
    obligations = list(obligations)
    if not obligations:
        return {}
    wanted = reduce(or_, (Q(place=o.place_id, period=o.period_id) for o in obligations))
    rows = Summary.objects.filter(wanted).values("place_id", "period_id", *_COLUMNS)
    found = {(row["place_id"], row["period_id"]): row for row in rows}
    return {o.pk: _sentence(found.get((o.place_id, o.period_id), {})) for o in obligations}


def _sentence(row: Mapping[str, int]) -> str:
    counts = {column: row.get(column, 0) for column in _COLUMNS}
    if not any(counts.values()):
        return _("还没有报过走访和进出")
    return (
        _("走访%(visits)d次，没人在家%(absences)d次，新来%(arrived)d人，离开%(departed)d人")
        % counts
    )
