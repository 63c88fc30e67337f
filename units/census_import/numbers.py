"""From what a line says to the numbers of a head count, which must add up.

What a sheet has no column for stays as the last count of the household had it.
"""

from units.census_import.cells import Line


def settle(line: Line) -> None:
    """Fill in `line.numbers`, or say what does not add up."""
    said = line.said
    former = line.household.count if line.household else None
    residents = said.get("residents")
    if said.get("empty"):
        if residents:
            return line.fault("empty", "empty", residents=residents)
        residents = 0
    if residents is None:
        return line.fault("residents", "no_residents")
    kept = former or dict.fromkeys(("under_14", "aged_60_to_79", "aged_80_plus"), 0)
    oldest = said.get("aged_80_plus", kept["aged_80_plus"])
    if "aged_60" in said:
        elders = said["aged_60"]
        if "aged_80_plus" not in said:
            oldest = min(oldest, elders)
    else:
        elders = said.get("aged_60_to_79", kept["aged_60_to_79"]) + oldest
    is_told = {"aged_60", "aged_60_to_79", "aged_80_plus"} & said.keys()
    if said.get("living_alone") and not is_told:
        # Who is written down as an old person living alone is one.
        elders = max(elders, 1)
    if elders > residents:
        return line.fault(
            next(
                (k for k in ("aged_60", "aged_60_to_79", "aged_80_plus") if k in said), "residents"
            ),
            "elders",
            elders=elders,
            residents=residents,
        )
    if oldest > elders:
        return line.fault("aged_80_plus", "oldest", oldest=oldest, elders=elders)
    young = said.get("under_14", min(kept["under_14"], residents - elders))
    between = said.get("aged_14_to_59", residents - elders - young)
    if min(young, between) < 0 or young + between + elders != residents:
        return line.fault("residents", "bands", residents=residents)
    return _rest(line, residents, (young, between, elders - oldest, oldest), former)


def _rest(
    line: Line,
    residents: int,
    bands: tuple[int, int, int, int],
    former: dict[str, int] | None,
) -> None:
    said = line.said
    extra = max(0, former["actual"] - former["residents"]) if former else 0
    actual = said.get("actual", residents + extra)
    if not actual and "actual" in said:
        actual = residents
    nonlocals = said.get("nonlocal_residents", min(_of(former, "nonlocal_residents"), residents))
    floating = said.get("floating", min(_of(former, "floating"), actual))
    elders = bands[2] + bands[3]
    alone = said.get("living_alone", int(bool(_of(former, "living_alone")) and residents == 1))
    if nonlocals > residents:
        return line.fault("nonlocal_residents", "nonlocal", count=nonlocals, residents=residents)
    if floating > actual:
        return line.fault("floating", "floating", count=floating, actual=actual)
    if said.get("living_alone") and (residents != 1 or not elders):
        return line.fault("living_alone", "alone")
    names = ("under_14", "aged_14_to_59", "aged_60_to_79", "aged_80_plus")
    line.numbers = {
        "residents": residents,
        **dict(zip(names, bands, strict=True)),
        "nonlocal_residents": nonlocals,
        "actual": actual,
        "floating": floating,
        "living_alone": alone,
    }
    is_counted = line.household is not None and line.household.is_of_the_day
    if is_counted and line.household and line.household.count != line.numbers:
        line.fault("residents", "counted_that_day")
    return None


def _of(former: dict[str, int] | None, name: str) -> int:
    return former[name] if former else 0
