"""Counted once more in plain Python, from filings, obligations, counts and where places stand."""

from collections import Counter
from datetime import date

from reports.models import Filing, Obligation, Summary
from tests import factories as f
from units.kinds import Kind
from units.models import Place

BY_HAND = ("building_owed", "building_filed", "corridor_uncleared", "disputes", "visits")
BY_HAND += ("confirmed", "visited_households", "arrived", "departed", "urgent")
BY_HAND += ("households", "households_counted", "residents", "stock_disputed")


def keys_of(day: date) -> tuple[str, str, str]:
    year, week, _weekday = day.isocalendar()
    quarter = (day.month + 2) // 3
    return f"{year}-W{week:02d}", f"{day.year}-{day.month:02d}", f"{day.year}-Q{quarter}"


def assert_counted_by_hand() -> None:
    last = {}
    for sent in Filing.objects.order_by("rev").select_related("report"):
        last[sent.report_id] = sent
    standing = [sent for sent in last.values() if not sent.withdraws]
    facts: Counter = Counter()  # (place, period, column)
    count_buildings(facts, [sent for sent in standing if sent.report.obligation_id])
    events = [sent for sent in standing if not sent.report.obligation_id]
    count_households(facts, events)
    count_stock(facts, events)

    parents, totals = dict(Place.objects.values_list("pk", "parent")), Counter()
    for (place, key, column), amount in facts.items():
        while place:
            totals[place, key, column] += amount
            place = parents[place]
    rows = Summary.objects.values_list("place", "period__key", *BY_HAND)
    stored = {
        (place, key, column): count
        for place, key, *counts in rows
        for column, count in zip(BY_HAND, counts, strict=True)
        if count
    }
    assert stored == {what: total for what, total in totals.items() if total}


def count_buildings(facts: Counter, standing: list[Filing]) -> None:
    said = {sent.report.obligation_id: sent for sent in standing}
    state = {}
    for owed in Obligation.objects.order_by("period__starts_on").select_related("period"):
        sent = said.get(owed.pk)
        for key in keys_of(owed.period.ends_on):
            facts[owed.place_id, key, "building_owed"] += 1
            if sent:
                facts[owed.place_id, key, "building_filed"] += 1
                is_dispute = sent.answers.get("dispute", "none") != "none"
                facts[owed.place_id, key, "disputes"] += is_dispute
                state[owed.place_id, key] = sent.answers.get("corridor") == "uncleared"
    for (place, key), is_uncleared in state.items():
        facts[place, key, "corridor_uncleared"] += is_uncleared


def count_households(facts: Counter, events: list[Filing]) -> None:
    for sent in events:
        place, said = sent.report.place_id, sent.answers
        for key in keys_of(sent.report.as_of):
            facts[place, key, "visits"] += said["source"] == "visit"
            facts[place, key, "urgent"] += said.get("urgency") == "now"
            for column in ("arrived", "departed"):
                facts[place, key, column] += said.get(column, 0)
            if said["source"] == "visit":
                facts[place, key, "visited_households"] = 1
            if said["situation"] != "nobody":
                facts[place, key, "confirmed"] = 1


def count_stock(facts: Counter, events: list[Filing]) -> None:
    for home in Place.objects.active().filter(kind=Kind.HOUSEHOLD):
        here = [sent for sent in events if sent.report.place_id == home.pk]
        counts = [(c.as_of, 0, f.WEDNESDAY, c.residents) for c in home.counts.all()]
        counts += [
            (sent.report.as_of, 1, sent.made_at, sent.answers["head_count"])
            for sent in here
            if "head_count" in sent.answers
        ]
        facts[home.pk, "now", "households"] = 1
        if not counts:
            continue
        since, _corrects, _made_at, now = max(counts)
        for sent in here:
            if sent.report.as_of > since:
                now += sent.answers.get("arrived", 0) - sent.answers.get("departed", 0)
        facts[home.pk, "now", "households_counted"] = 1
        facts[home.pk, "now", "residents"] = now
        facts[home.pk, "now", "stock_disputed"] = now < 0
