"""Keeping the pages that a person comes back to, by name."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from units import way_back
from units.models import SavedLink, User
from units.models.saved_link import MAX_NAME
from units.refusals import Refusal, from_integrity_error

AT_MOST = 20


def save(name: str, path: str, *, owner: User, at: datetime) -> SavedLink:
    """Keep `path` under `name`. The same name for the same path again is the same link.

    Raises Refusal `name_required`, `name_too_long`, `not_in_the_house` (422),
    `too_many_links`, `one_saved_link_of_a_name` (409).
    """
    _refuse_what_is_no_name(name)
    if not way_back.is_ours(path):
        raise Refusal("not_in_the_house", _("只能保存本系统里的页面"))
    try:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=owner.pk)
            mine = SavedLink.objects.filter(owner=owner)
            known = mine.filter(name=name, path=path).first()
            if known:
                return known
            if mine.count() >= AT_MOST:
                message = _("最多保存%d个，请先删掉一个不用的") % AT_MOST
                raise Refusal("too_many_links", message, 409)
            return SavedLink.objects.create(owner=owner, name=name, path=path, made_at=at)
    except IntegrityError as error:
        raise from_integrity_error(error) from error


def _refuse_what_is_no_name(name: str) -> None:
    if not name:
        message = _("请给这个筛选起个名称")
        raise Refusal("name_required", message, fields={"name": message})
    if len(name) > MAX_NAME:
        message = _("名称太长了，最多%d个字") % MAX_NAME
        raise Refusal("name_too_long", message, fields={"name": message})
