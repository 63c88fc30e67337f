"""Doors between the street and its committees."""

from django.urls import path

from governance.supervision import views_committee, views_street

urlpatterns = [
    path("street/<str:code>/supervision/", views_street.supervision, name="supervision"),
    path("street/<str:code>/queries/", views_street.queries, name="queries"),
    path("queries/<int:pk>/withdrawal/", views_street.withdrawal, name="query-withdrawal"),
    path("queries/<int:pk>/closure/", views_street.closure, name="query-closure"),
    path("asks/<int:pk>/holding/", views_street.holding, name="ask-holding"),
    path("asks/<int:pk>/answers/", views_street.answers, name="ask-answers"),
    path("community/<str:code>/queries/", views_committee.queries, name="committee-queries"),
    path("queries/<int:pk>/answers/", views_committee.query_answers, name="query-answers"),
    path("answers/<int:pk>/undoing/", views_committee.answer_undoing, name="query-answer-undoing"),
    path("asks/<int:pk>/forwarding/", views_committee.forwarding, name="ask-forwarding"),
    path("asks/<int:pk>/recall/", views_committee.recall, name="ask-recall"),
    path("asks/<int:pk>/settling/", views_committee.settling, name="ask-settling"),
    path("ask-answers/<int:pk>/undoing/", views_committee.support_undoing, name="ask-undoing"),
]
