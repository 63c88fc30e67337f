"""How many keys lead from a home's number, typed in the search box, to its page."""

from collections.abc import Callable
from datetime import datetime

from governance.board import search
from units.models import Place, User


def house(home: Place) -> str:
    """「47」 of a home in 「47号楼组」; its `parent.parent` is read."""
    return str(home.parent.parent.name).removesuffix("号楼组")


def room(home: Place) -> str:
    return home.name.removesuffix("室")


# As people write the number of a home.
WAYS: dict[str, Callable[[Place], str]] = {
    "47-501": lambda home: f"{house(home)}-{room(home)}",
    "47号501室": lambda home: f"{house(home)}号{room(home)}室",
    "47501": lambda home: f"{house(home)}{room(home)}",
    "3-2-501": lambda home: f"{house(home)}-2-{room(home)}",
}


def keys(user: User, typed: str, home: Place, *, at: datetime) -> int:
    """An arrow for each suggestion down to the home, and Enter. More than anybody presses when it
    is not among them."""
    shown = search.suggest(user, typed, at=at)
    options = [*shown.places, *shown.doors]
    return options.index(home) + 2 if home in options else 1000
