"""The proof after the rehearsal: nothing lost, nothing doubled, nothing untrue."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from governance.rehearsal import stock
from governance.rehearsal.outbox import Entry
from reports.models import Filing, Mark, Period, Report, Summary
from reports.rollup import recount
from units import tree

PATIENCE = 60.0
_MANY = 1000


@dataclass
class Verdict:
    """What was found, a sentence each; `drained_after` is None when marks never ran out."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    unfinished: int = 0
    never_shown: int = 0
    misjudged: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    stock: list[str] = field(default_factory=list)
    bent: list[str] = field(default_factory=list)
    drained_after: float | None = None
    doors: int = 0
    # Kind of period → summary rows that were compared.
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        waiting = [] if self.drained_after is not None else ["汇总没有在60秒内做完"]
        if self.unfinished:
            waiting.append(f"{self.unfinished} 组没有演完：两分钟里没有一条送到")
        if self.never_shown:
            waiting.append(f"{self.never_shown} 条收下后一分钟里没有上看板")
        return [
            *self.lost,
            *self.doubled,
            *self.undelivered,
            *self.misjudged,
            *waiting,
            *self.untrue,
            *self.stock,
            *self.bent,
        ]


def judge(
    entries: Sequence[Entry],
    *,
    began: datetime,
    unfinished: int = 0,
    never_shown: int = 0,
    patience: float = PATIENCE,
) -> Verdict:
    """Compare what the phones were told with what is stored and shown."""
    verdict = Verdict(unfinished=unfinished, never_shown=never_shown)
    verdict.drained_after = _wait_for_the_drain(patience)
    stored = {str(filing.pk): filing for filing in _filings({entry.id for entry in entries})}
    _receipts(entries, stored, verdict)
    _reports(entries, stored, began, verdict)
    kinds = dict(Period.objects.values_list("pk", "kind"))
    verdict.rows = dict(Counter(kinds[p] for p in Summary.objects.values_list("period", flat=True)))
    verdict.untrue = [str(each) for each in recount.differences(at=timezone.now())]
    verdict.doors, verdict.stock = stock.differences()
    verdict.bent = [str(fault) for fault in tree.verify()]
    return verdict


def _wait_for_the_drain(patience: float) -> float | None:
    began = time.monotonic()
    while Mark.objects.exists() or recount.communities_waiting():
        if time.monotonic() - began > patience:
            return None
        time.sleep(0.2)
    return time.monotonic() - began


def _filings(ids: set[str]) -> Iterator[Filing]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), _MANY):
        yield from Filing.objects.filter(pk__in=wanted[start : start + _MANY]).select_related(
            "by", "report__place", "report__obligation__period"
        )


def _receipts(entries: Sequence[Entry], stored: dict[str, Filing], verdict: Verdict) -> None:
    for entry in entries:
        told = f"{entry.id[:8]} {entry.body['place']}"
        filing = stored.get(entry.id)
        if not entry.is_settled:
            verdict.undelivered.append(f"{told}：试了{entry.tries}次还没有送到")
        if entry.contradicted:
            verdict.doubled.append(f"{told}：同一个编号得到了不同的答复")
        if entry.receipt:
            if entry.expects:
                verdict.misjudged.append(f"{told}：应当退回（{_of(entry)}），却收下了")
            if filing is None:
                verdict.lost.append(f"{told}：给了回执，没有存下")
            elif wrong := _unlike(entry, filing):
                verdict.lost.append(f"{told}：存下的和送出的不同（{wrong}）")
        elif entry.code:
            if entry.code not in entry.expects:
                wanted = _of(entry) or "收下"
                verdict.misjudged.append(f"{told}：应当{wanted}，却答 {entry.code}")
            if filing is not None and not entry.is_borrowed:
                verdict.doubled.append(f"{told}：退回了，却存下了")


def _of(entry: Entry) -> str:
    return "、".join(sorted(entry.expects))


def _unlike(entry: Entry, filing: Filing) -> str:
    """What of a stored filing is not what was sent and acknowledged; "" when all is."""
    body, report = entry.body, filing.report
    answers = {} if body["nil"] or body["withdraws"] else body["answers"]
    pairs: dict[str, tuple[Any, Any]] = {
        "place": (report.place.code, body["place"]),
        "by": (filing.by.login, entry.login),
        "rev": (filing.rev, (entry.receipt or {})["rev"]),
        "base_rev": (filing.base_rev, body["base_rev"]),
        "nil": (filing.nil, body["nil"]),
        "withdraws": (filing.withdraws, body["withdraws"]),
        "answers": (filing.answers, filing.answers | answers),
        "made_at": (filing.made_at, datetime.fromisoformat(body["made_at"])),
        "channel": (filing.channel, Filing.Channel.API),
    }
    if "period" in body:
        period = report.obligation.period.key if report.obligation else ""
        pairs["period"] = (period, body["period"])
    if "happened_on" in body and filing.rev == report.rev:
        pairs["happened_on"] = (report.as_of.isoformat(), body["happened_on"])
    return "、".join(name for name, (is_, was) in pairs.items() if is_ != was)


def _reports(
    entries: Sequence[Entry], stored: dict[str, Filing], began: datetime, verdict: Verdict
) -> None:
    """Reports hold exactly their filings, amendments their own report, and nothing came unsent."""
    places = {entry.body["place"] for entry in entries if entry.receipt}
    logins = {entry.login for entry in entries}
    revs: dict[int, list[int]] = defaultdict(list)
    filings = Filing.objects.filter(report__place__code__in=places)
    for report, rev in filings.values_list("report_id", "rev"):
        revs[report].append(rev)
    for pk, rev, code in Report.objects.filter(place__code__in=places).values_list(
        "pk", "rev", "place__code"
    ):
        if rev == 0 or sorted(revs[pk]) != list(range(1, rev + 1)):
            verdict.doubled.append(f"{code}：报告{pk}记了{rev}次，送达记录是{sorted(revs[pk])}")

    first_of: dict[int, str] = {}
    for entry in entries:
        filing = stored.get(entry.id)
        if filing is None or entry.receipt is None:
            continue
        if entry.follows:
            first = stored.get(entry.follows.id)
            if first is None or first.report_id != filing.report_id:
                verdict.lost.append(f"{entry.id[:8]} {entry.body['place']}：更正到了别的报告上")
        elif "period" not in entry.body:
            other = first_of.setdefault(filing.report_id, entry.id)
            if other != entry.id:
                verdict.lost.append(f"{entry.id[:8]}、{other[:8]}：两件事成了一份报告")
    known = {entry.id for entry in entries}
    unsent = filings.filter(
        by__login__in=logins, channel=Filing.Channel.API, received_at__gte=began
    )
    verdict.doubled += [
        f"{str(pk)[:8]} {code}：没有送过，却存下了"
        for pk, code in unsent.values_list("pk", "report__place__code")
        if str(pk) not in known
    ]
