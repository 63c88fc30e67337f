"""What residents said, and the codes at the stairwells, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from governance.voices.models import Doorplate, Voice
from units.admin.base import Page, ReadOnly, yes_or_no


@admin.register(Voice)
class VoiceAdmin(ReadOnly, Page):
    list_display = ("said_at", "place", "about", "words", "state_in_words", "is_shown")
    list_filter = ("about", "shown_to_group", ("said_at", admin.DateFieldListFilter))
    list_select_related = ("place",)
    search_fields = ("place__name", "place__code", "words", "receipt")
    fields = (
        "receipt_in_groups",
        "place",
        "about",
        "words",
        "is_shown",
        "is_ringing",
        "said_at",
        "accepted_at",
        "accepted_by",
        "closed_at",
        "closed_by",
        "answer",
        "purged_at",
    )

    is_shown = yes_or_no("shown_to_group", _("也给楼组看"))
    is_ringing = yes_or_no("wants_contact", _("想请居委联系"))

    def title_of(self, voice: Voice) -> str:
        return f"{voice.place.name} · {voice.get_about_display()}"

    @admin.display(description=_("回执号"))
    def receipt_in_groups(self, voice: Voice) -> str:
        return voice.receipt_in_groups

    @admin.display(description=_("状态"))
    def state_in_words(self, voice: Voice) -> str:
        return str(voice.state.label)


@admin.register(Doorplate)
class DoorplateAdmin(ReadOnly, Page):
    """Not the code itself: it is read from the paper."""

    list_display = ("place", "made_at", "made_by", "revoked_at", "revoked_by")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("place", "made_by", "revoked_by")
    search_fields = ("place__name", "place__code")
    fields = list_display

    def title_of(self, plate: Doorplate) -> str:
        return plate.place.name
