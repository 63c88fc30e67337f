"""Imports of head counts, to be looked up; never their rows."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from units.admin.base import Page, ReadOnly
from units.models import CensusImport


@admin.register(CensusImport)
class CensusImportAdmin(ReadOnly, Page):
    list_display = ("file_name", "community", "state", "as_of", "by", "made_at")
    list_filter = ("state", "community")
    list_select_related = ("community", "by")
    fields = ("file_name", "community", "state", "as_of", "by", "made_at", "done", "total")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CensusImport]:
        return super().get_queryset(request).defer("tables", "fixes", "planted")

    def title_of(self, imported: CensusImport) -> str:
        return imported.file_name
