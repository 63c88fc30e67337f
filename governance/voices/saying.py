"""Saying something at the stairwell: stored once, braked, and free of neighbours."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.voices.models import MAX_WORDS, RECEIPT_DIGITS, Doorplate, Voice
from reports.neighbours import refuse_neighbours
from units.brakes import hourly
from units.brakes.keys import Key
from units.refusals import Refusal

# An hour. A hundred families may stand behind one address of a telephone company.
PER_ADDRESS, PER_BUILDING = 20, 40


@dataclass(frozen=True)
class Saying:
    """What a resident typed. `form_id` is of the page it was typed on."""

    form_id: UUID
    about: str
    words: str
    shown_to_group: bool = False
    wants_contact: bool = False


def say(doorplate: Doorplate, saying: Saying, *, address: str, at: datetime) -> Voice:
    """Store it and give it a receipt number. Said twice from one page, it is the same one.

    Raises Refusal `required`, `too_long`, those of `neighbours`, `too_many` (429), and
    `already_said` (409) when the page has said something else already.
    """
    _refuse_what_cannot_be_said(saying)
    said = Voice.objects.filter(form_id=saying.form_id).first()
    if said is None:
        _brake(doorplate, address, at)
        said, _made = Voice.objects.get_or_create(
            form_id=saying.form_id, defaults=_facts(doorplate, saying, at)
        )
    if (said.doorplate_id, said.about, said.words) != (doorplate.pk, saying.about, saying.words):
        message = _("刚才那一条已经收到了。要再说一件事，请再按一次提交")
        raise Refusal("already_said", message, 409)
    return said


def _brake(doorplate: Doorplate, address: str, at: datetime) -> None:
    keys = [
        Key(("said", "building", str(doorplate.place_id)), PER_BUILDING),
        Key(("said", "address", address), PER_ADDRESS),
    ]
    message = _("这一小时里说的人太多了，请过一小时再来，或打电话给居委会。您写的还在下面")
    hourly.press(keys, message=message, at=at)


def _facts(doorplate: Doorplate, saying: Saying, at: datetime) -> dict[str, object]:
    return {
        "receipt": f"{secrets.randbelow(10**RECEIPT_DIGITS):0{RECEIPT_DIGITS}d}",
        "community_id": doorplate.place.community_id,
        "place_id": doorplate.place_id,
        "doorplate": doorplate,
        "about": saying.about,
        "words": saying.words,
        "shown_to_group": saying.shown_to_group,
        "wants_contact": saying.wants_contact,
        "said_at": at,
    }


def _refuse_what_cannot_be_said(saying: Saying) -> None:
    fields = {}
    if saying.about not in Voice.About.values:
        fields["about"] = _("请选一类")
    if not saying.words:
        fields["words"] = _("请写一句话")
    if fields:
        raise Refusal("required", _("还有%d处没有填") % len(fields), fields=fields)
    if len(saying.words) > MAX_WORDS:
        message = _("写得太长了，请写短一些，最多%(most)d个字，现在%(now)d个") % {
            "most": MAX_WORDS,
            "now": len(saying.words),
        }
        raise Refusal("too_long", message, fields={"words": message})
    refuse_neighbours(saying.words, field="words")
