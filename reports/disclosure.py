"""What somebody above the community may see of sensitive figures: the one place that decides."""

from collections.abc import Sequence
from dataclasses import replace

from reports.sheets import Part
from units import scope
from units.models import Place, User
from units.scope import Action


def is_above(user: User, place: Place) -> bool:
    """Whether this person sees `place` from above its community, and so through the filter."""
    return not scope.reach(user, Action.SEE_SENSITIVE).holds(place)


def screen(parts: Sequence[Part]) -> list[Part]:
    """The parts of a sheet as they are shown above the community."""
    return [
        replace(
            part,
            figures={
                code: figure
                for code, figure in part.figures.items()
                if not figure.measure.is_sensitive
            },
        )
        for part in parts
    ]
