"""The sources of a timeline beside reports: changes, head counts, voices, seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.voices.models import Voice
from reports import calendar
from units import scope
from units.kinds import Kind
from units.models import HouseholdCount, JournalEntry, Place, PlaceChange, Post, User
from units.scope import Action


@dataclass(frozen=True)
class Happening:
    """One line. `when` is the day or period it is about, `words` (label, text) pairs, `is_past`
    that a later sending replaced it; `day` is set where no hour is known; `duty` of who did it is
    filled in for what is shown."""

    at: datetime
    what: str
    where: str = ""
    when: str = ""
    words: Sequence[tuple[str, str]] = ()
    href: str = ""
    is_past: bool = False
    by: int | None = None
    path: tuple[int, ...] = ()
    duty: str = ""
    day: date | None = None


def _changes(user: User, place: Place, at: datetime, most: int) -> list[Happening]:
    """Its own, and of the places that were put below it or taken away; a census is its homes'."""
    about = Q(place=place) | Q(from_parent=place) | Q(to_parent=place)
    found = PlaceChange.objects.filter(about, scope.reach(user, Action.SEE_FIGURES).as_q("place"))
    if place.kind != Kind.COMMUNITY:
        found = found.exclude(what=PlaceChange.What.COUNTED)
    rows = list(
        found.filter(at__lte=at)
        .select_related("place__succeeded_by", "from_parent", "to_parent")
        .order_by("-at", "-pk")[:most]
    )
    before = _names_before([each for each in rows if each.what == PlaceChange.What.RENAMED])
    return [
        Happening(
            at=each.at,
            what=str(each.get_what_display()),
            where="" if each.place_id == place.pk else each.place.name,
            words=[("", words)] if (words := _change_in_words(each, before)) else (),
            by=each.by_id,
        )
        for each in rows
    ]


def _change_in_words(change: PlaceChange, before: dict[tuple[int, datetime], str]) -> str:
    if change.what == PlaceChange.What.MOVED and change.from_parent and change.to_parent:
        names = {"origin": change.from_parent.name, "target": change.to_parent.name}
        return _("从“%(origin)s”移到“%(target)s”") % names
    if change.what == PlaceChange.What.CLOSED and change.place.succeeded_by:
        return _("由“%s”接替") % change.place.succeeded_by.name
    return before.get((change.place_id, change.at), "")


def _names_before(renamed: Sequence[PlaceChange]) -> dict[tuple[int, datetime], str]:
    if not renamed:
        return {}
    entries = JournalEntry.objects.filter(
        verb="place.renamed", data__place__in=[each.place_id for each in renamed]
    )
    return {
        (each.data["place"], each.at): _("“%(was)s”改为“%(now)s”") % each.data for each in entries
    }


def _counts(user: User, place: Place, at: datetime, most: int) -> list[Happening]:
    if place.kind != Kind.HOUSEHOLD or not scope.reach(user, Action.SEE_SENSITIVE).holds(place):
        return []
    counts = HouseholdCount.objects.filter(place=place, as_of__lte=timezone.localdate(at))
    return [
        Happening(
            at=calendar.moment(each.as_of, 24),
            day=each.as_of,
            what=_("登记人数"),
            words=(("", _("常住%d人") % each.residents), (_("来源"), each.source)),
        )
        for each in counts.order_by("-as_of")[:most]
    ]


def _voices(user: User, place: Place, at: datetime, most: int) -> list[Happening]:
    """What was said and how it ended; to its group only what was shown to it."""
    if place.kind != Kind.BUILDING:
        return []
    said = Voice.objects.filter(place=place)
    hears = scope.reach(user, Action.HEAR).holds(place)
    if not hears:
        said = said.filter(scope.reach(user, Action.FILE).as_q("place"), shown_to_group=True)
    of_group = reverse("group-voices", kwargs={"code": place.code})

    def where(voice: Voice) -> str:
        return reverse("voice", kwargs={"pk": voice.pk}) if hears else of_group

    # By the later of its two lines: what is among the newest lines is of one of these.
    rows = said.filter(said_at__lte=at).order_by(Coalesce("closed_at", "said_at").desc(), "-pk")
    heard = list(rows[:most])
    return [
        Happening(
            at=each.said_at,
            what=_("居民反映"),
            words=((str(each.get_about_display()), each.told),),
            href=where(each),
        )
        for each in heard
    ] + [
        Happening(
            at=each.closed_at,
            what=_("回音"),
            words=((_("答复"), each.answer),),
            href=where(each),
            by=each.closed_by_id,
        )
        for each in heard
        if each.answer and each.closed_at <= at
    ]


def _seats(user: User, place: Place, at: datetime, most: int) -> list[Happening]:
    """Who took a post here and whose term ended: of a group, and of the staff for a place."""
    if place.kind == Kind.HOUSEHOLD:
        return []
    posts = Post.objects.visible_to(user, Action.SEE_GROUPS).filter(place=place)
    began, ended = F("during__startswith"), F("during__endswith")
    newest = Case(When(during__endswith__lte=at, then=ended), default=began)
    posts = posts.filter(during__startswith__lte=at).order_by(newest.desc(), "-pk")
    rows = list(posts.select_related("user")[:most])
    return [_post(each, each.during.lower, _("任职"), each.granted_by_id) for each in rows] + [
        _post(each, each.during.upper, _("任期结束"), None)
        for each in rows
        if each.during.upper and each.during.upper <= at
    ]


def _post(post: Post, at: datetime, what: str, by: int | None) -> Happening:
    return Happening(
        at=at,
        what=what,
        words=((str(post.get_duty_display()), post.user.full_name),),
        href=reverse("person", kwargs={"pk": post.user_id}),
        by=by,
    )


SOURCES = (_changes, _counts, _voices, _seats)
