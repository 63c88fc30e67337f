"""Party branches: which blocks each answers for, their names, and who leads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from units import journal, shaping
from units.kinds import Duty, Kind
from units.models import Branch, BranchBlock, Community, JournalEntry, Place, Post, User
from units.refusals import Refusal

CHANGED = "branches.changed"


@dataclass(frozen=True)
class Wanted:
    """Names by branch, the branch of each block (None: of none), and perhaps a new branch."""

    names: Mapping[int, str]
    blocks: Mapping[int, int | None]
    new: str = ""


@dataclass(frozen=True)
class Row:
    """A branch; `secretary` is None while nobody leads it."""

    branch: Branch
    blocks: Sequence[Place]
    buildings: int
    secretary: Post | None


def rows(community: Community, *, at: datetime) -> list[Row]:
    """In four queries however many branches."""
    posts = Post.objects.in_force(at).filter(
        branch__community=community, duty=Duty.BRANCH_SECRETARY
    )
    leads = {post.branch_id: post for post in posts.select_related("user").order_by("-pk")}
    covers: dict[int, list[Place]] = {}
    for each in (
        BranchBlock.objects.filter(branch__community=community)
        .select_related("place")
        .order_by("place__code")
    ):
        covers.setdefault(each.branch_id, []).append(each.place)
    buildings: dict[int, int] = {}
    in_use = Place.objects.active().filter(community=community, kind=Kind.BUILDING).order_by()
    for block in in_use.values_list("parent", flat=True):
        buildings[block] = buildings.get(block, 0) + 1
    return [
        Row(
            branch,
            covers.get(branch.pk, []),
            sum(buildings.get(block.pk, 0) for block in covers.get(branch.pk, [])),
            leads.get(branch.pk),
        )
        for branch in Branch.objects.filter(community=community)
    ]


def blocks_of(community: Community) -> list[Place]:
    blocks = Place.objects.active().filter(community=community, kind=Kind.BLOCK)
    return list(blocks.select_related("branch_block").order_by("code"))


def as_seen(community: Community) -> str:
    """What a page was made on, to be compared when it comes back."""
    names = Branch.objects.filter(community=community).order_by("pk").values_list("pk", "name")
    mapped = BranchBlock.objects.filter(branch__community=community).order_by("place")
    pairs = [f"{branch}:{name}" for branch, name in names]
    pairs += [f"{place}>{branch}" for place, branch in mapped.values_list("place", "branch")]
    return "|".join(pairs)


@transaction.atomic
def change(
    community: Community, wanted: Wanted, *, step: UUID, seen: str, by: User, at: datetime
) -> JournalEntry | None:
    """Write what differs, in one step; None when nothing does. The same step again does nothing.

    Raises Refusal `changed_meanwhile` (409), `name_taken`.
    """
    shaping.lock(community)
    before = shaping.taken(step)
    if before:
        return before
    if seen != as_seen(community):
        message = _("您看的时候党支部有了变化，什么都没有改。请看一遍现在的，再保存")
        raise Refusal("changed_meanwhile", message, 409)
    told = [*_rename(community, wanted), *_add(community, wanted), *_map(community, wanted)]
    if not told:
        return None
    what = {"community": community.pk, "name": community.name, "now": _("；").join(told)}
    return journal.note(CHANGED, user=by, at=at, step=str(step), **what)


def _rename(community: Community, wanted: Wanted) -> list[str]:
    told = []
    for branch in Branch.objects.filter(community=community):
        name = wanted.names.get(branch.pk, branch.name)
        if name != branch.name:
            _refuse_taken(community, name)
            told.append(_("%(was)s改名为%(now)s") % {"was": branch.name, "now": name})
            branch.name = name
            branch.save(update_fields=["name"])
    return told


def _add(community: Community, wanted: Wanted) -> list[str]:
    if not wanted.new:
        return []
    _refuse_taken(community, wanted.new)
    last = Branch.objects.filter(community=community).aggregate(last=Max("number"))["last"] or 0
    Branch.objects.create(community=community, number=last + 1, name=wanted.new)
    return [_("新建%s") % wanted.new]


def _refuse_taken(community: Community, name: str) -> None:
    if Branch.objects.filter(community=community, name=name).exists():
        raise Refusal("name_taken", _("已经有叫“%s”的党支部，请换个名称") % name, 409)


def _map(community: Community, wanted: Wanted) -> list[str]:
    told = []
    branches = Branch.objects.filter(community=community).in_bulk()
    for block in blocks_of(community):
        held = getattr(block, "branch_block", None)
        was = held.branch_id if held else None
        now = wanted.blocks.get(block.pk, was)
        if now == was or (now is not None and now not in branches):
            continue
        BranchBlock.objects.filter(place=block).delete()
        if now is not None:
            BranchBlock.objects.create(place=block, branch_id=now)
        name = branches[now].name if now else _("没有党支部")
        told.append(_("%(block)s归%(branch)s") % {"block": block.name, "branch": name})
    return told
