"""What passed between the street and its committees, to be read."""

from django.contrib import admin

from governance.supervision.models import Answer, Query, SupportAnswer, SupportAsk
from units.admin.base import Page, ReadOnly


@admin.register(Query)
class QueryAdmin(ReadOnly, Page):
    list_display = ("asked_at", "community", "about", "words", "due_on", "closed_at")
    list_filter = ("about", ("asked_at", admin.DateFieldListFilter))
    list_select_related = ("community",)
    search_fields = ("community__name", "words")
    fields = (
        *("community", "about", "period", "measure", "words", "asked_at", "asked_by", "due_on"),
        *("withdrawn_at", "closed_at", "closed_by"),
    )

    def title_of(self, query: Query) -> str:
        return f"{query.community.name} · {query.get_about_display()}"


@admin.register(SupportAsk)
class SupportAskAdmin(ReadOnly, Page):
    list_display = ("asked_at", "place", "wanted", "words", "due_on", "forwarded_at")
    list_filter = ("wanted", ("asked_at", admin.DateFieldListFilter))
    list_select_related = ("place",)
    search_fields = ("place__name", "words")
    fields = (
        *("place", "wanted", "words", "asked_at", "due_on", "forwarded_at", "forwarded_by"),
        *("held_by", "withdrawn_at"),
    )

    def title_of(self, ask: SupportAsk) -> str:
        return f"{ask.place.name} · {ask.get_wanted_display()}"


@admin.register(Answer)
class AnswerAdmin(ReadOnly, Page):
    list_display = ("at", "words", "by")
    list_select_related = ("by",)
    search_fields = ("words",)
    fields = ("words", "at", "by")

    def title_of(self, answer: Answer) -> str:
        return answer.words or str(answer._meta.verbose_name)


@admin.register(SupportAnswer)
class SupportAnswerAdmin(ReadOnly, Page):
    list_display = ("at", "words", "by", "is_streets")
    list_select_related = ("by",)
    search_fields = ("words",)
    fields = list_display

    def title_of(self, answer: SupportAnswer) -> str:
        return answer.words or str(answer._meta.verbose_name)
