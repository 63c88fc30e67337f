"""Who leads a party branch: one person at a time, appointed in one step that can be undone."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from units import groups, journal, shaping
from units.groups import Appointment
from units.kinds import Duty
from units.models import Branch, Community, JournalEntry, Post, User
from units.refusals import Refusal, from_integrity_error

APPOINTED, UNDONE = "secretary.appointed", "secretary.undone"


@dataclass(frozen=True)
class Nominee:
    """Somebody known, or a new person by name."""

    user: User | None
    name: str


def of(branch: Branch, *, at: datetime) -> Post | None:
    posts = Post.objects.in_force(at).filter(branch=branch, duty=Duty.BRANCH_SECRETARY)
    return posts.select_related("user").order_by("-pk").first()


def known_in(community: Community, *, at: datetime) -> dict[str, User]:
    """By login: everybody with a post here."""
    posts = Post.objects.in_force(at).filter(
        Q(place__community=community) | Q(branch__community=community)
    )
    return {post.user.login: post.user for post in posts.select_related("user")}


def appoint(
    branch: Branch, nominee: Nominee, *, seen: int | None, by: User, at: datetime
) -> tuple[JournalEntry, Appointment]:
    """End the present term, if any, and begin this one. `seen` is the post that was shown.

    Raises Refusal `changed_meanwhile` (409), `leads_already`, `nobody_appoints_themselves`.
    """
    try:
        with transaction.atomic():
            shaping.lock(branch.community)
            now = of(branch, at=at)
            if (now and now.pk) != seen:
                message = _("您看的时候书记有了变化，什么都没有改。请看一遍现在的，再任命")
                raise Refusal("changed_meanwhile", message, 409)
            if now and now.user == nominee.user:
                raise Refusal("leads_already", _("已经由这个人担任书记"), 409)
            if now:
                groups.end_term(now, at)
            made = _begin(branch, nominee, by, at)
            entry = journal.note(
                APPOINTED,
                user=by,
                at=at,
                branch=branch.pk,
                post=made.post.pk,
                before=now.pk if now else None,
                new_user=made.post.user_id if made.password else None,
            )
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    return entry, made


def _begin(branch: Branch, nominee: Nominee, by: User, at: datetime) -> Appointment:
    user, password = nominee.user, ""
    if user is None:
        user, password = groups.new_account(f"branch{branch.number}", nominee.name)
    post = Post.objects.create(
        user=user,
        duty=Duty.BRANCH_SECRETARY,
        branch=branch,
        during=DateTimeTZRange(at, None),
        granted_by=by,
    )
    return Appointment(post, password)


@transaction.atomic
def undo(entry_id: int, community: Community, *, by: User, at: datetime) -> Branch:
    """Take one's own appointment back within ten minutes: who led before leads again, and an
    account made for it closes.

    Raises Refusal `undo_not_found` (409), `undo_too_late` (409).
    """
    shaping.lock(community)
    entry = JournalEntry.objects.filter(pk=entry_id, verb=APPOINTED, user=by).first()
    undone = JournalEntry.objects.filter(verb=UNDONE, data__entry=entry_id).exists()
    branch = Branch.objects.filter(
        community=community, pk=entry.data["branch"] if entry else None
    ).first()
    now = of(branch, at=at) if branch else None
    if entry is None or branch is None or undone or now is None or now.pk != entry.data["post"]:
        raise Refusal("undo_not_found", _("没有可以撤销的任命"), 409)
    if at > entry.at + groups.UNDO_WITHIN:
        raise Refusal("undo_too_late", _("已过10分钟，不能再撤销。请重新任命一位书记"), 409)
    groups.end_term(now, at)
    if entry.data["before"]:
        before = Post.objects.get(pk=entry.data["before"])
        Post.objects.create(
            user=before.user,
            duty=before.duty,
            branch=branch,
            during=DateTimeTZRange(at, None),
            basis=before.basis,
            granted_by=before.granted_by,
        )
    if entry.data["new_user"]:
        made = User.objects.filter(pk=entry.data["new_user"])
        made.exclude(posts__during__contains=at).update(is_active=False)
    journal.note(UNDONE, user=by, at=at, entry=entry.pk, branch=branch.pk)
    return branch
