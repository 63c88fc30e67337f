"""Taking a photo away: by whoever sent it while their report may be corrected, or by the committee
when it shows somebody. The picture goes from the database at once; who did it and why stays."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from reports.filing import locks_at
from reports.models import Filing, Photo, PhotoRemoval
from units import scope
from units.models import Place, User
from units.refusals import Refusal, forbidden
from units.scope import Action

# What the committee may say: a choice, so that nobody is named in it.
REASONS = (PhotoRemoval.Why.PERSON, PhotoRemoval.Why.PRIVATE)


def removable(filings: Iterable[Filing], place: Place, user: User) -> set[UUID]:
    """Of these sendings about `place` those whose photos `user` may take away, as a rule: their
    own, and the committee all."""
    everybodys = is_of_the_committee(place, user)
    return {each.pk for each in filings if everybodys or each.by_id == user.pk}


def is_of_the_committee(place: Place, user: User) -> bool:
    return scope.reach(user, Action.AMEND_LOCKED).holds(place)


@transaction.atomic
def remove(filing: Filing, number: int, *, by: User, at: datetime, why: str = "") -> None:
    """Delete the picture and note that it was. What is gone already stays gone.

    The caller has found `filing` by scope. Raises Refusal `forbidden` (403), `locked` (409) for
    its sender when the report is locked, `reason_required` for the committee.
    """
    refuse_others(filing, by)
    why = _why(filing, by, why, at)
    rows = Photo.objects.without_content().select_for_update()
    photo = rows.filter(filing=filing, number=number).first()
    if photo is None:
        return
    PhotoRemoval.objects.create(
        filing=filing, number=number, sent_sha256=photo.sent_sha256, why=why, by=by, at=at
    )
    Photo.objects.filter(pk=photo.pk).delete()


def refuse_others(filing: Filing, user: User) -> None:
    """Raises Refusal `forbidden` (403)."""
    if not removable([filing], filing.report.place, user):
        raise forbidden(_("照片由填这份报告的人或居委会拿掉，请联系居委会"))


def _why(filing: Filing, by: User, why: str, at: datetime) -> str:
    if filing.by_id == by.pk:
        lock = locks_at(filing.report)
        if lock is None or at < lock:
            return PhotoRemoval.Why.OWN
        if not is_of_the_committee(filing.report.place, by):
            raise Refusal("locked", _("这份报告已归档。照片要拿掉，请打电话给居委会"), 409)
    if why not in REASONS:
        message = _("请选为什么要拿掉")
        raise Refusal("reason_required", message, fields={"why": message})
    return why
