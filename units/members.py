"""Members of three-person groups, and how each of them gets in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from units import scope
from units.kinds import STAFF_DUTIES, Kind
from units.models import Community, Device, Invitation, Place, Post, User
from units.scope import Action


@dataclass(frozen=True)
class Member:
    """`card` is one that nobody has used yet; `phones` are those bound now."""

    user: User
    seats: Sequence[Post]
    phones: int
    card: Invitation | None
    has_staff_rights: bool


def seats_in_reach(
    user: User, community: Community, *, block: Place | None, at: datetime
) -> QuerySet[Post]:
    """Seats for whose holders `user` may print cards, perhaps in one block only."""
    seats = Post.objects.seats().in_force(at).visible_to(user, Action.INVITE)
    seats = seats.filter(place__community=community, user__is_active=True).exclude(user=user)
    if block:
        seats = seats.filter(
            place__tree_id=block.tree_id, place__lft__gte=block.lft, place__rght__lte=block.rght
        )
    return seats


def blocks_in_reach(user: User, community: Community) -> QuerySet[Place]:
    return Place.objects.filter(
        scope.reach(user, Action.INVITE).as_q(), community=community, kind=Kind.BLOCK
    ).order_by("code")


def people_of(seats: QuerySet[Post], *, query: str = "", at: datetime) -> QuerySet[User]:
    """Their holders, in the order of their places; those with more rights than a seat's marked."""
    staff = Post.objects.in_force(at).filter(user=OuterRef("pk"), duty__in=STAFF_DUTIES)
    usable = Q(devices__kind=Device.Kind.PHONE, devices__revoked_at__isnull=True)
    people = User.objects.filter(pk__in=seats.values("user")).annotate(
        phones=Count("devices", filter=usable & Q(devices__lapses_at__gt=at)),
        has_staff_duty=Exists(staff),
    )
    if query:
        named = seats.filter(Q(place__name__contains=query) | Q(user__full_name__contains=query))
        people = people.filter(pk__in=named.values("user"))
    return people.order_by("login")


def may_get_cards(people: QuerySet[User]) -> QuerySet[User]:
    return people.filter(has_staff_duty=False, is_staff=False, is_superuser=False)


def members(people: Sequence[User], seats: QuerySet[Post], *, at: datetime) -> list[Member]:
    """In two queries however many."""
    held: dict[int, list[Post]] = {}
    for post in seats.filter(user__in=people).select_related("place").order_by("place__code", "pk"):
        held.setdefault(post.user_id, []).append(post)
    cards = {card.user_id: card for card in Invitation.objects.open(at).filter(user__in=people)}
    return [
        Member(
            user=each,
            seats=held.get(each.pk, []),
            phones=each.phones,
            card=cards.get(each.pk),
            has_staff_rights=each.has_staff_duty or each.is_staff or each.is_superuser,
        )
        for each in people
    ]
