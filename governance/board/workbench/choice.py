"""What of the queue is looked at: tab and filters, all in the address."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from governance.board.workbench.items import Item, Sort, Tab

ALL = "all"
TABS = (*((tab.value, tab.label) for tab in Tab), (ALL, _("全部")))
# Any report, as against what residents say.
REPORTS = "report"
SORTS = ((REPORTS, _("各种报告")), *((sort.value, sort.label) for sort in Sort))
DAYS = ("2", "7")
_PERIODIC = (Sort.BUILDING, Sort.BLOCK, Sort.COMMUNITY)
# Given by the house: name, query.
HOUSE_LINKS = (
    (_("今天要催的"), "tab=due"),
    (_("待审"), "tab=new&sort=report"),
    (_("超过两天的"), "tab=all&days=2"),
)


@dataclass(frozen=True)
class Choice:
    """What was asked for and means something; the rest is left out."""

    tab: str = Tab.NEW.value
    block: str = ""
    sort: str = ""
    text: str = ""
    days: str = ""
    later: str = ""

    @classmethod
    def read(cls, get: Mapping[str, str]) -> "Choice":
        plain = {
            name: " ".join(get.get(name, "").replace("\x00", "").split())[:40]
            for name in ("tab", "block", "sort", "text", "days", "later")
        }
        if plain["tab"] not in dict(TABS):
            plain["tab"] = Tab.NEW.value
        if plain["sort"] not in dict(SORTS):
            plain["sort"] = ""
        if plain["days"] not in DAYS:
            plain["days"] = ""
        plain["later"] = "1" if plain["later"] and plain["tab"] == Tab.DUE else ""
        return cls(**plain)

    def query(self) -> str:
        told = {name: value for name, value in vars(self).items() if value}
        return urlencode({"tab": told.pop("tab"), **told})

    def _on(self, tab: str) -> "Choice":
        """The same filters on another tab; what rows are about differs between them."""
        return self if tab == self.tab else replace(self, tab=tab, sort="", later="")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.block or self.sort or self.text or self.days)

    def of(self, items: Iterable[Item], *, at: datetime) -> list[Item]:
        return [each for each in self._beside(items, at) if self._is_here(each)]

    def counts(self, items: Iterable[Item], *, at: datetime) -> list[dict[str, Any]]:
        """The tabs with how many rows each has under the same filters."""
        beside = list(self._beside(items, at))
        return [
            {
                "label": label,
                "query": self._on(tab).query(),
                "is_here": tab == self.tab,
                "count": sum(map(self._on(tab)._is_here, beside)),
            }
            for tab, label in TABS
        ]

    def sorts(self, items: Sequence[Item]) -> list[tuple[str, Any]]:
        """What rows of this tab are about, to choose from."""
        here = {each.sort.value for each in items if self.tab in (ALL, each.tab)}
        if here & set(_PERIODIC):
            here.add(REPORTS)
        return [(value, label) for value, label in SORTS if value in here | {self.sort}]

    def _beside(self, items: Iterable[Item], at: datetime) -> Iterable[Item]:
        """Whatever the tab: block, words, and how long."""
        for item in items:
            block = item.block
            if self.block and (block is None or block.code != self.block):
                continue
            if self.text and self.text not in f"{item.words} {item.place_words}":
                continue
            if self.days and item.days(at) < int(self.days):
                continue
            yield item

    def _is_here(self, item: Item) -> bool:
        if self.tab not in (ALL, item.tab) or (item.is_later and not self.later):
            return False
        if self.sort == REPORTS:
            return item.sort in _PERIODIC
        return self.sort in ("", item.sort)
