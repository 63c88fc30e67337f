"""Times of calls: medians and percentiles, with rounds interleaved so that ratios are fair."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Times:
    """Seconds of single calls; `items` is how many things one call does.

    `busy` is what of them this process's own processor took: it says what the code costs when
    strangers crowd the machine.
    """

    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    items: int = 1

    def take(self, call: Callable[[], object]) -> None:
        busy, began = time.process_time(), time.perf_counter()
        call()
        self.seconds.append(time.perf_counter() - began)
        self.busy.append(time.process_time() - busy)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        return percentile(self.seconds, 95)

    @property
    def rate(self) -> float:
        """Items a second, by the median call."""
        return self.items / self.median


def percentile(values: list[float], percent: float) -> float:
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def repeated(call: Callable[[], object], times: int) -> Times:
    taken = Times()
    for _time in range(times):
        taken.take(call)
    return taken


def interleaved(
    calls: Mapping[str, tuple[Callable[[], object], int]], *, rounds: int, each: int
) -> dict[str, Times]:
    """`each` calls of everything in turn, `rounds` times; a first round only warms up."""
    times: dict[str, Times] = {}
    for number in range(rounds + 1):
        if number < 2:
            times = {name: Times(items=items) for name, (_call, items) in calls.items()}
        for name, (call, _items) in calls.items():
            for _each in range(each):
                times[name].take(call)
    return times
