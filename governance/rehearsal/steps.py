"""The words of a script: who acts, one sending, and what leaves a phone together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any


class Manner(Enum):
    """How often the same sending leaves the phone."""

    ONCE = "once"
    TWICE = "twice"
    AT_ONCE = "at once"


@dataclass(frozen=True)
class Group:
    """A building's group as its phones know it. `stranger` is a door of somebody else's."""

    code: str
    doors: tuple[str, ...]
    logins: tuple[str, ...]
    periods: tuple[str, ...]
    stranger: str = ""


@dataclass(frozen=True)
class Item:
    """One sending as a person means it; the phone adds the UUID and the rev it was made on.

    `follows` is the number of the event's first item, `borrows` of the item whose UUID is misused.
    `expects` are the codes of the refusal that is right; none when it has to be accepted.
    """

    number: int
    place: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    period: str = ""
    happened_on: date | None = None
    hours_ago: float = 0.0
    nil: bool = False
    withdraws: bool = False
    follows: int | None = None
    borrows: int | None = None
    is_stale: bool = False
    is_watched: bool = False
    expects: str = ""


@dataclass(frozen=True)
class Step:
    """What leaves the phone of one seat together, after it was `kept` so many seconds."""

    items: tuple[Item, ...]
    manner: Manner = Manner.ONCE
    seat: int = 0
    kept: float = 0.0
