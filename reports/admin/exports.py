"""Who exported what for which purpose, and the workbooks kept; never what is in the files."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.models import Export, Workbook
from units.admin.base import Page, ReadOnly


@admin.register(Export)
class ExportAdmin(ReadOnly, Page):
    list_display = ("title", "by", "purpose", "state", "made_at", "expires_at")
    list_filter = ("state", ("made_at", admin.DateFieldListFilter))
    list_select_related = ("by",)
    search_fields = ("by__full_name", "by__login", "file_name")
    fields = (
        *("title", "by", "purpose", "state", "done", "total"),
        *("problem", "made_at", "moved_at", "expires_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return super().get_queryset(request).defer("content")

    def title_of(self, export: Export) -> str:
        return export.name

    @admin.display(description=gettext_lazy("文件"), ordering="file_name")
    def title(self, export: Export) -> str:
        return export.name


@admin.register(Workbook)
class WorkbookAdmin(ReadOnly, Page):
    list_display = ("name", "owner", "mapped", "uploaded_by", "uploaded_at")
    list_select_related = ("community", "division", "uploaded_by")
    search_fields = ("name", "community__name", "division__official_name")
    fields = ("name", "owner", "mapped", "uploaded_by", "uploaded_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workbook]:
        return super().get_queryset(request).defer("content")

    @admin.display(description=gettext_lazy("哪里的"))
    def owner(self, workbook: Workbook) -> str:
        return workbook.owner

    @admin.display(description=gettext_lazy("已指定"))
    def mapped(self, workbook: Workbook) -> str:
        return _("%d格") % len(workbook.mapping)
