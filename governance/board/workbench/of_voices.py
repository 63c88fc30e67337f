"""Rows from what residents say at the stairwells."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.board.workbench.items import Act, Item, Sort, Tab
from governance.voices.models import Voice
from units import scope
from units.models import Community, User
from units.scope import Action


def voices(user: User, community: Community, at: datetime) -> Iterator[Item]:
    """Not taken on yet, and taken on without an answer. The verbs are for who may answer."""
    heard = Voice.objects.visible_to(user).filter(community=community).unclosed()
    answers = scope.reach(user, Action.ANSWER)
    for voice in heard.select_related("place__parent").order_by("said_at", "pk"):
        href, may_answer = reverse("voice", kwargs={"pk": voice.pk}), answers.holds(voice.place)
        is_new = voice.state == Voice.State.NEW
        reply = Act(_("写回音"), f"{href}#answer") if may_answer and not is_new else None
        yield Item(
            key=f"voice-{voice.pk}.{voice.state}",
            tab=Tab.NEW if is_new else Tab.REPLY,
            sort=Sort.VOICE,
            words=f"{voice.get_about_display()}：{voice.words}",
            place=voice.place,
            since=voice.said_at,
            href=href,
            act=reply,
            verb="take" if may_answer and is_new else "",
            about=voice,
            tags=(_("会来电"),) if voice.wants_contact else (),
        )
