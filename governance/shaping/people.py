"""Whose post ends, whose reach changes, and which papers and phones that makes worthless."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from governance.shaping.steps import Step, What
from governance.voices.models import Doorplate
from units.kinds import SEATS, Kind
from units.models import Branch, BranchBlock, Device, Invitation, Place, Post, User

NAMES_SHOWN = 12


@dataclass(frozen=True)
class People:
    ending: list[Post]
    lines: list[str]
    papers: list[str]


def affected(
    step: Step, closing: Sequence[Place], going: Sequence[Place], *, at: datetime
) -> People:
    """Names are those of group members and staff, who are known by name to whoever shapes."""
    running = Post.objects.in_force(at).select_related("user", "place")
    reached = list(running.filter(place__in=[*closing, *going]).order_by("place__code", "pk"))
    closed = {place.pk for place in closing}
    ending = [post for post in reached if post.place_id in closed]
    lines = (
        [_("任期到此为止：%s。他们下一次打开页面就看不到这里了。") % _named(ending)]
        if ending
        else []
    )
    along = [post for post in reached if post.place_id not in closed and post.duty in SEATS]
    if along:
        lines.append(_("三人组照旧，随着一起过去：%s。") % _named(along))
    lines += _of_blocks(step, at) + _of_buildings(step, at)
    if step.what == What.RENAME and not lines:
        lines = [_("谁负责这里不变，只是看到的名称变了。")]
    return People(ending, lines, _papers(step, closing, going, ending, at))


def _named(posts: Sequence[Post]) -> str:
    """「47号楼组党小组长王秀英、…」"""
    words = [f"{p.place.name}{p.get_duty_display()} {p.user.full_name}" for p in posts]
    more = len(words) - NAMES_SHOWN
    return _("；").join(words[:NAMES_SHOWN]) + (_("等%d席") % len(words) if more > 0 else "")


def _of_blocks(step: Step, at: datetime) -> list[str]:
    """Who of the blocks and their branches sees the building no more, and who sees it now."""
    place, target = step.place, step.target
    if target is None or step.what not in (What.MOVE, What.MERGER) or place.kind > Kind.BUILDING:
        return []
    old = place if place.kind == Kind.BLOCK else place.parent
    new = target if target.kind == Kind.BLOCK else target.parent
    if old.pk == new.pk:
        return []
    branches = {
        each.place_id: each.branch
        for each in BranchBlock.objects.filter(place__in=(old, new)).select_related("branch")
    }
    of_either = Q(place__in=(old, new)) | Q(branch__in=branches.values())
    posts = list(Post.objects.in_force(at).filter(of_either).select_related("user").order_by("pk"))
    lines = [
        _("不再看到：%s。") % _watchers(old, branches.get(old.pk), posts),
        _("从此看到：%s。") % _watchers(new, branches.get(new.pk), posts),
    ]
    branch = branches.get(old.pk)
    if step.what == What.MERGER and place.kind == Kind.BLOCK and branch:
        lines.append(_("%s不再对应这个片区。") % branch.name)
    return lines


def _watchers(block: Place, branch: Branch | None, posts: Sequence[Post]) -> str:
    names = [
        f"{post.get_duty_display()} {post.user.full_name}"
        for post in posts
        if post.place_id == block.pk or (branch and post.branch_id == branch.pk)
    ]
    branch_named = branch.name if branch else _("没有对应的党支部")
    who = _("、").join(names) or _("现在没有人任职")
    return f"{block.name}（{branch_named}）：{who}"


def _of_buildings(step: Step, at: datetime) -> list[str]:
    """Who reports for the floors and doors from now on."""
    target = step.target
    if target is None or step.what not in (What.MOVE, What.MERGER):
        return []
    if target.kind != Kind.BUILDING:
        return []
    posts = Post.objects.seats().in_force(at).filter(place=target).select_related("user", "place")
    who = _named(list(posts.order_by("pk"))) or _("三席都空着，请先补齐")
    return [_("以后由“%(target)s”的三人组报：%(who)s。") % {"target": target.name, "who": who}]


def _papers(
    step: Step,
    closing: Sequence[Place],
    going: Sequence[Place],
    ending: Sequence[Post],
    at: datetime,
) -> list[str]:
    hung = Doorplate.objects.in_force().filter(place__in=[*closing, *going, step.place])
    closed = {place.pk for place in closing}
    hang_in = list(hung.values_list("place", flat=True))
    dead = sum(place in closed for place in hang_in)
    kept = len(hang_in) - dead
    lines = []
    if dead:
        lines.append(_("%d张楼道码失效，请从楼道里揭下来；扫到的人会看到居委会电话。") % dead)
    if kept and step.what == What.RENAME:
        lines.append(_("%d张楼道码还能扫，但上面印的是旧名称，请重新打印。") % kept)
    elif kept and step.what == What.MOVE:
        lines.append(_("%d张楼道码照旧能用，不用换。") % kept)
    if ending:
        lines += _left_without_a_post(ending, at)
    return lines


def _left_without_a_post(ending: Sequence[Post], at: datetime) -> list[str]:
    """Phones and cards of those who hold nothing else."""
    other = Post.objects.in_force(at).filter(user=OuterRef("pk"))
    other = other.exclude(pk__in=[post.pk for post in ending])
    left = User.objects.filter(pk__in=[post.user_id for post in ending])
    left = left.exclude(Exists(other))
    phones = Device.objects.usable(at).filter(user__in=left, kind=Device.Kind.PHONE).count()
    cards = Invitation.objects.open(at).filter(user__in=left).count()
    lines = []
    if phones:
        lines.append(_("%d台手机还绑着，但打开看不到任何楼组。") % phones)
    if cards:
        lines.append(_("%d张没用过的登录卡没有用处了，请收回。") % cards)
    return lines
