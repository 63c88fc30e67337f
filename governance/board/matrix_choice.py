"""What the page of 报告情况 was asked to show, read from its address: nothing there is trusted."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from governance.board.matrix import USUAL, WEEKS
from reports.models import Period
from units.models import Place

ONLY = ("now", "any")


class Choice:
    """How many weeks, until which, of which block, and which rows only."""

    def __init__(
        self, asked: Mapping[str, str], periods: Sequence[Period], blocks: Sequence[Place]
    ) -> None:
        self.periods = periods
        self.blocks = list({block.code: block for block in blocks}.values())
        count = asked.get("weeks", "")
        self.count = int(count) if count in map(str, WEEKS) else USUAL
        until = asked.get("until", "")
        keys = [period.key for period in periods]
        self._first = keys.index(until) if until in keys else 0
        block, only = asked.get("block", ""), asked.get("only", "")
        self.block = block if block in {each.code for each in self.blocks} else ""
        self.only = only if only in ONLY else ""

    @cached_property
    def weeks(self) -> Sequence[Period]:
        """Newest first."""
        return self.periods[self._first : self._first + self.count]

    @property
    def is_present(self) -> bool:
        return self._first == 0

    @property
    def is_dense(self) -> bool:
        return len(self.weeks) > USUAL

    @property
    def counts(self) -> list[tuple[str, str, bool]]:
        """Tabs: how many weeks."""
        return [(f"?{self.query(weeks=n)}", _("%d周") % n, n == self.count) for n in WEEKS]

    @property
    def rows(self) -> list[tuple[str, str, bool]]:
        """Tabs: which rows."""
        words = {"now": _("本周未收到"), "any": _("有哪周缺的"), "": _("全部楼组")}
        if self.weeks and not self.is_present:
            words["now"] = _("%s未收到") % self.weeks[0].short_label
        return [(f"?{self.query(only=k)}", word, k == self.only) for k, word in words.items()]

    @property
    def older(self) -> str:
        """The query that pages back; empty at the end."""
        start = self._first + self.count
        return self.query(until=self.periods[start].key) if start < len(self.periods) else ""

    @property
    def newer(self) -> str:
        if self._first == 0:
            return ""
        start = max(self._first - self.count, 0)
        return self.query(until=self.periods[start].key if start else "")

    def query(self, **changed: Any) -> str:
        first = self.periods[self._first].key if self._first else ""
        now = {"weeks": self.count, "until": first, "block": self.block, "only": self.only}
        told = {name: value for name, value in (now | changed).items() if value}
        if told.get("weeks") == USUAL:
            told.pop("weeks")
        return urlencode(told) or f"weeks={USUAL}"
