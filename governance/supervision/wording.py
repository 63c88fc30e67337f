"""What may be written between offices: a matter, never a person or a door."""

from django.utils.translation import gettext as _

from governance.supervision.models import MAX_WORDS
from reports.free_text import one_line
from reports.neighbours import refuse_neighbours
from units.refusals import Refusal


def said(typed: str, *, field: str, empty: str) -> str:
    """On one line.

    Raises Refusal `words_required` with the sentence `empty`, `too_long`, those of `neighbours`.
    """
    words = one_line(typed)
    if not words:
        raise Refusal("words_required", empty, fields={field: empty})
    if len(words) > MAX_WORDS:
        message = _("太长了，请写短一些，最多%d个字") % MAX_WORDS
        raise Refusal("too_long", message, fields={field: message})
    refuse_neighbours(words, field=field)
    return words
