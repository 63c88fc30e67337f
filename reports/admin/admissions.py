"""Form admission, to be read: proposals and decisions are made on their own pages."""

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from reports.models import Admission
from units.admin.base import Page, ReadOnly, yes_or_no


@admin.register(Admission)
class AdmissionAdmin(ReadOnly, Page):
    list_display = ("label", "form", "now", "ends_on", "proposed_by", "proposed_at")
    list_filter = ("state", "form")
    list_select_related = ("form", "proposed_by")
    search_fields = ("label", "purpose", "owner")
    fields = (
        *("label", "form", "type", "options", "hint", "is_required", "purpose", "owner", "basis"),
        *("difference", "starts_on", "ends_on", "now", "proposed_by", "proposed_at"),
        *("decided_by", "decided_at", "ended_by", "ended_at", "reason", "page"),
    )

    is_required = yes_or_no("required", _("必答"))

    @admin.display(description=_("选项"))
    def options(self, row: Admission) -> str:
        return "、".join(row.choices)

    @admin.display(description=_("现在"))
    def now(self, row: Admission) -> str:
        return row.state_on(timezone.localdate())

    @admin.display(description=_("页面"))
    def page(self, row: Admission) -> str:
        url = reverse("admission", kwargs={"pk": row.pk})
        return format_html('<a href="{}">{}</a>', url, _("打开"))
