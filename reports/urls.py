"""Doors to reports."""

from django.urls import path

from reports import (
    api,
    photo_api,
    views,
    views_household,
    views_paper,
    views_photos,
    views_replies,
)

urlpatterns = [
    path("report/<str:code>/<str:week>/", views.report_detail, name="report-detail"),
    path("report/<str:code>/<str:week>/nil/", views.nil_report, name="nil-report"),
    path("report/<str:code>/<str:week>/form/", views.report_form, name="report-form"),
    path("report/<str:code>/<str:week>/withdrawal/", views.withdrawal, name="withdrawal"),
    path("report/<str:code>/<str:week>/on-behalf/", views.on_behalf, name="on-behalf"),
    path("report/<str:code>/<str:week>/excuse/", views.excuse, name="excuse"),
    path("receipt/<uuid:id>/", views.receipt, name="receipt"),
    path("receipt/<uuid:id>/amendment/", views_household.event_amendment, name="event-amendment"),
    path(
        "receipt/<uuid:id>/withdrawal/", views_household.event_withdrawal, name="event-withdrawal"
    ),
    path("receipt/<uuid:id>/replies/", views_replies.replies, name="replies"),
    path("receipt/<uuid:id>/photos/", views_photos.photo_form, name="photo-form"),
    path("receipt/<uuid:id>/photos/<int:number>/", views_photos.photo, name="photo"),
    path("group/<str:code>/replies/", views_replies.group_replies, name="group-replies"),
    path("paper/<str:code>/<str:form>/", views_paper.paper, name="paper"),
    path("household/<str:code>/", views_household.household, name="household"),
    path("household/<str:code>/form/", views_household.household_form, name="household-form"),
    path("api/filings/<uuid:id>/", api.FilingView.as_view(), name="api-filing"),
    path(
        "api/filings/<uuid:id>/photos/<int:number>/",
        photo_api.PhotoView.as_view(),
        name="api-photo",
    ),
    path("api/filings/", api.FilingBatch.as_view(), name="api-filing-batch"),
    path("api/summaries/", api.SummaryList.as_view(), name="api-summaries"),
    path("api/obligations/", api.ObligationList.as_view(), name="api-obligations"),
]
