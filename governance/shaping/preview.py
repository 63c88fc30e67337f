"""What a step would do, before it is taken: places, people, reports, figures, papers and phones.

The same preview is worked out again under the lock; when it differs from what was shown, nothing is
done. So everything a person reads here is in the fingerprint.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from governance.shaping import people, reported
from governance.shaping.steps import Step, What
from reports.models import Obligation
from units import shaping
from units.kinds import Kind, PlaceState
from units.models import Place
from units.shaping import Bud

NAMES_SHOWN = 12


@dataclass(frozen=True)
class Part:
    """One question a person asks before pressing the button, and its answer in sentences."""

    title: str
    lines: list[str]


@dataclass(frozen=True)
class Preview:
    """`counts` says in numbers what the parts say in words; `hindrances` must be solved first."""

    step: Step
    parts: list[Part]
    counts: dict[str, int]
    hindrances: list[reported.Hindrance]
    is_undoable: bool
    to_excuse: list[Obligation]
    facts: tuple[object, ...] = field(default=(), repr=False)

    @cached_property
    def fingerprint(self) -> str:
        step = self.step
        said = [
            [step.what, step.place.pk, step.target and step.target.pk, step.name],
            [[part.title, part.lines] for part in self.parts],
            [str(each.words) for each in self.hindrances],
            self.counts,
            self.facts,
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Reaches:
    """The places a step reaches: closed by it, and taken along by it."""

    closing: list[Place]
    going: list[Place]

    @property
    def everything(self) -> list[Place]:
        return self.closing + self.going


def preview(step: Step, *, at: datetime) -> Preview:
    """Whatever `step` affects at `at`; the number of queries does not grow with the places."""
    reaches = _reaches(step)
    who = people.affected(step, reaches.closing, reaches.going, at=at)
    said = reported.affected(step, reaches.closing, reaches.going, at=at)
    hindrances = [*_hindrances(step), *said.hindrances]
    parts = [
        Part(_("哪些地方"), _places(step, reaches)),
        Part(_("哪些人"), who.lines),
        Part(_("报告和要办的事"), said.tasks),
        Part(_("数字从什么时候起变"), said.figures),
        Part(_("印好的纸和绑好的手机"), who.papers),
        Part(_("能不能撤销"), _undoing(step)),
    ]
    opened = _opened(step)
    counts = {
        "closed": len(reaches.closing),
        "floors": sum(each.kind == Kind.FLOOR for each in reaches.everything),
        "households": sum(each.kind == Kind.HOUSEHOLD for each in reaches.everything),
        "opened": len(opened) or int(step.what == What.REPLACEMENT),
        "posts_ended": len(who.ending),
        "excused": len(said.to_excuse),
    }
    facts = (
        [each.pk for each in reaches.everything],
        [each.pk for each in who.ending],
        [each.pk for each in said.to_excuse],
        opened,
    )
    is_undoable = step.what in (What.RENAME, What.MOVE, What.ADDITION)
    kept = [part for part in parts if part.lines]
    return Preview(step, kept, counts, hindrances, is_undoable, said.to_excuse, facts)


def _reaches(step: Step) -> Reaches:
    place = step.place
    if step.what in (What.RENAME, What.ADDITION):
        return Reaches([], [])
    below = list(Place.objects.active().under(place).order_by("kind", "code"))
    if step.what == What.CLOSURE:
        return Reaches(below, [])
    if step.what == What.MOVE:
        return Reaches([], below)
    return Reaches(
        [each for each in below if each.pk == place.pk],
        [each for each in below if each.pk != place.pk],
    )


def counted(places: Sequence[Place]) -> str:
    """「1个楼组、5个楼层、20户」."""
    units = {
        Kind.BLOCK: _("%d个片区"),
        Kind.BUILDING: _("%d个楼组"),
        Kind.FLOOR: _("%d个楼层"),
        Kind.HOUSEHOLD: _("%d户"),
    }
    numbers = {kind: sum(each.kind == kind for each in places) for kind in units}
    return _("、").join(units[kind] % number for kind, number in numbers.items() if number)


def _places(step: Step, reaches: Reaches) -> list[str]:
    place, target = step.place, step.target
    words = {"place": shaping.named(place), "what": counted(reaches.going)}
    if target:
        words |= {"target": shaping.named(target), "from": shaping.named(place.parent)}
    if step.what == What.RENAME:
        told = {"was": place.name, "now": step.name}
        return [_("名称从“%(was)s”改成“%(now)s”。编码不变，以前的报告都还在。") % told]
    if step.what == What.ADDITION:
        return _added(step)
    if step.what == What.MOVE:
        return [
            _("“%(place)s”从“%(from)s”移到“%(target)s”，连同下面的一共%(what)s。编码不变。") % words
        ]
    if step.what == What.CLOSURE:
        lines = [_("“%s”注销，从今天起不再使用。编码不会再给别的单元。") % words["place"]]
        below = [each for each in reaches.closing if each.pk != place.pk]
        return [*lines, _("下面的%s一起注销。") % counted(below)] if below else lines
    if step.what == What.REPLACEMENT:
        told = words | {"name": step.name}
        return [
            _("住户不能换楼层：“%(place)s”注销，在“%(target)s”新建“%(name)s”，写明由它接替。")
            % told,
            _("以前的报告留在旧的一户；新的一户从头登记人数，没登记以前算“没数过”。"),
        ]
    lines = [_("“%(place)s”并入“%(target)s”，并写明由它接替；以前的报告留在原来的名下。") % words]
    if reaches.going:
        lines.append(_("下面的%(what)s移到“%(target)s”。") % words)
    return [*lines, *_renamed(step)]


def _renamed(step: Step) -> list[str]:
    """Names that stand in both; the ones that come get the old place's name in front."""
    both = Place.objects.active().filter(parent__in=[step.place, step.target]).order_by("code")
    taken = {each.name for each in both if each.parent_id != step.place.pk}
    same = [each for each in both if each.parent_id == step.place.pk and each.name in taken]
    told = _listed([f"{each.name}→{shaping.name_beside(step.place, each)}" for each in same])
    return [_("两边都有的名称，移过来的这样叫：%s。") % told] if same else []


def _opened(step: Step) -> list[str]:
    """Names of what an addition makes, each with those above it that it makes or finds."""
    there = _names_below(step.place) if step.buds else set()
    made: list[str] = []

    def walk(buds: Sequence[Bud], above: str) -> None:
        for bud in buds:
            line = f"{above} {bud.name}".strip()
            if line not in there:
                made.append(line)
            walk(bud.below, line)

    walk(step.buds, "")
    return made


def _names_below(place: Place) -> set[str]:
    """Names of what is in use one and two levels below, the latter with the one above."""
    rows = Place.objects.active().filter(Q(parent=place) | Q(parent__parent=place))
    found = rows.values_list("name", "parent", "parent__name", "parent__state")
    return {
        name if parent == place.pk else f"{above} {name}"
        for name, parent, above, state in found
        if parent == place.pk or state == PlaceState.ACTIVE
    }


def _added(step: Step) -> list[str]:
    made = _opened(step)
    told = {"place": shaping.named(step.place), "count": len(made)}
    lines = [_("在“%(place)s”下面新建%(count)d个：") % told, *_by_branch(made)]
    if step.place.kind < Kind.BUILDING:
        lines.append(_("新楼组从下一次开始报告时才有应报，三人组先空着。"))
    elif made:
        lines.append(_("新住户没登记人数以前算“没数过”，不算零人。"))
    return lines


def _by_branch(made: Sequence[str]) -> list[str]:
    """「3楼：301室、302室」, one line for what lies under one name."""
    lines: dict[str, list[str]] = {}
    for line in made:
        above, _space, name = line.rpartition(" ")
        lines.setdefault(above, []).append(name)
    return [
        f"{above}：{_('、').join(names)}" if above else _("、").join(names)
        for above, names in lines.items()
    ]


def _listed(names: Sequence[str]) -> str:
    shown = _("、").join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return shown + (_("等%d个") % len(names) if more > 0 else "")


def _undoing(step: Step) -> list[str]:
    if step.what in (What.RENAME, What.MOVE):
        return [_("十分钟内可以在“最近的调整”里撤销；以后也可以再做一次调整改回来。")]
    if step.what == What.ADDITION:
        return [_("十分钟内可以撤销：新建的会注销，编码不再用。")]
    return [_("不能撤销：注销了的不能恢复。弄错了就新建一个。")]


def _hindrances(step: Step) -> list[reported.Hindrance]:
    """What the tree itself would refuse, said before the button is pressed."""
    place, target = step.place, step.target
    if place.state != PlaceState.ACTIVE:
        return [reported.Hindrance(_("“%s”已经注销，不能再调整") % place.name)]
    if target and target.state != PlaceState.ACTIVE:
        return [reported.Hindrance(_("“%s”已经注销，请另选一个") % target.name)]
    if target and target.community_id != place.community_id:
        return [reported.Hindrance(_("不能移到另一个居民区，请注销后在那里新建"))]
    if step.what == What.MOVE and place.kind == Kind.HOUSEHOLD:
        return [reported.Hindrance(_("住户不能直接移动，请注销后在新楼组新建"))]
    if step.what == What.MOVE and target and target.pk == place.parent_id:
        return [reported.Hindrance(_("“%s”已经在那里") % place.name)]
    if step.what == What.CLOSURE and place.kind == Kind.BLOCK:
        below = Place.objects.active().filter(parent=place).aggregate(n=Count("pk"))["n"]
        message = _("“%(place)s”下面还有%(count)d个楼组，请先移走，或者用“合并到”")
        told = {"place": place.name, "count": below}
        return [reported.Hindrance(message % told)] if below else []
    if step.what == What.ADDITION and not _opened(step):
        return [reported.Hindrance(_("这些名称在那里都有了，没有可新建的"))]
    name, beside = _new_name(step)
    taken = Place.objects.active().filter(parent=beside, name=name).exclude(pk=place.pk)
    if name and taken.exists():
        told = {"parent": shaping.named(beside), "name": name} if beside else {}
        return [reported.Hindrance(_("“%(parent)s”下面已经有“%(name)s”，请换个名称") % told)]
    return []


def _new_name(step: Step) -> tuple[str, Place | None]:
    """The name that this step writes somewhere, and below which place."""
    if step.what == What.RENAME:
        return step.name, step.place.parent
    if step.what == What.REPLACEMENT:
        return step.name, step.target
    return (step.place.name, step.target) if step.what == What.MOVE else ("", None)
