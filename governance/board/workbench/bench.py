"""The desk of one person over one community, and what its page shows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse

from governance.board.workbench import strip
from governance.board.workbench.chat import words_for_chat
from governance.board.workbench.choice import HOUSE_LINKS, Choice
from governance.board.workbench.items import Act, Item
from governance.board.workbench.sources import items_of
from governance.board.workbench.verbs import VERBS
from units import groups, scope, way_back
from units.kinds import Kind
from units.models import Community, Place, SavedLink, User
from units.scope import Action

A_PAGE, A_PRINT = 50, 1000


@dataclass(frozen=True)
class Bench:
    """`tops` are the highest places in reach: the community, or a worker's blocks."""

    user: User
    community: Community
    tops: Sequence[Place]
    blocks: Sequence[Place]

    @property
    def path(self) -> str:
        return reverse("workbench", kwargs={"code": self.community.code})


@dataclass(frozen=True)
class Row:
    """An item as it is drawn: its age, its one action, and whom to ask for what is owed.

    What is opened from it leads back to `back`, the list as it is filtered.
    """

    item: Item
    href: str
    age: str
    is_late: bool
    act: Act | None
    whom: str


def bench_of(user: User, code: str) -> Bench:
    """For who hears residents here: the committee and its block workers. Else 404."""
    reach = scope.Reach(scope.reach(user, Action.HEAR).spans)
    places = list(
        Place.objects.filter(reach.as_q(), community__code=code, kind__lte=Kind.BLOCK)
        .active()
        .select_related("community__division")
        .order_by("kind", "code")
    )
    if not places:
        raise Http404
    tops = [place for place in places if place.kind == places[0].kind]
    blocks = [place for place in places if place.kind == Kind.BLOCK]
    return Bench(user, places[0].community, tops, blocks)


def page(
    bench: Bench, choice: Choice, *, number: str, is_printed: bool, at: datetime
) -> dict[str, Any]:
    everything = items_of(bench.user, bench.community, at=at)
    chosen = choice.of(everything, at=at)
    shown = Paginator(chosen, A_PRINT if is_printed else A_PAGE).get_page(number)
    page_ = f"&page={shown.number}" if shown.number > 1 else ""
    back = f"{bench.path}?{choice.query()}{page_}"
    batch = str(uuid4())
    together = Counter(item.verb for item in chosen if item.verb)
    return {
        "community": bench.community,
        "path": bench.path,
        "block_word": bench.community.division.label_of(Kind.BLOCK),
        "blocks": bench.blocks,
        "choice": choice,
        "query": choice.query(),
        "tabs": choice.counts(everything, at=at),
        "sorts": choice.sorts(everything),
        "page": shown,
        "rows": rows(bench, shown.object_list, batch, back, at=at),
        "together": [(verb, VERBS[verb], _all_of(verb, n), n) for verb, n in together.items()],
        "decisions": reverse("workbench-decisions", kwargs={"code": bench.community.code}),
        "batch": batch,
        "until": at.isoformat(),
        "chat": words_for_chat(chosen, at=at),
        "next_due": _next_due(everything, at),
        "house_links": HOUSE_LINKS,
        "links": SavedLink.objects.filter(owner=bench.user, path__startswith=bench.path),
        "is_printed": is_printed,
        "at": at,
        **strip.shown(bench.user, bench.community, bench.tops, everything, at=at),
    }


def rows(bench: Bench, items: Sequence[Item], batch: str, back: str, *, at: datetime) -> list[Row]:
    """With the names of those who owe a report, for who may see groups; two queries for all."""
    sees = scope.reach(bench.user, Action.SEE_GROUPS)
    asked = [each.place for each in items if each.is_owed and sees.holds(each.place)]
    whom = {
        group.place.pk: "、".join(seat.post.user.full_name for seat in group.seats if seat.post)
        for group in groups.groups_of(asked, at=at)
    }
    decisions = reverse("workbench-decisions", kwargs={"code": bench.community.code})
    return [
        Row(
            item,
            way_back.onto(item.href, back),
            item.age(at),
            item.is_owed and item.since < at,
            _act(item, decisions, batch, back),
            whom.get(item.place.pk, "") if item.is_owed else "",
        )
        for item in items
    ]


def _act(item: Item, decisions: str, batch: str, back: str) -> Act | None:
    if item.verb:
        fields = {"verb": item.verb, "item": item.key, "batch": batch}
        return Act(VERBS[item.verb].label, decisions, "post", fields)
    return replace(item.act, url=way_back.onto(item.act.url, back)) if item.act else None


def _all_of(verb: str, count: int) -> str:
    return str(VERBS[verb].all_of) % count


def _next_due(items: Sequence[Item], at: datetime) -> dict[str, Any] | None:
    """What is due next and how many are not in, for the tab that has nothing today."""
    later = [item for item in items if item.is_later]
    if not later:
        return None
    first = min(later, key=lambda item: item.since)
    alike = [item for item in later if item.since == first.since and item.sort == first.sort]
    return {"when": first.age(at), "what": first.sort.label, "count": len(alike)}
