"""Doors to reports."""

from django.urls import path

from reports import api, views, views_household, views_upper

urlpatterns = [
    path("report/<str:code>/<str:week>/", views.report_detail, name="report-detail"),
    path("report/<str:code>/<str:week>/nil/", views.nil_report, name="nil-report"),
    path("report/<str:code>/<str:week>/form/", views.report_form, name="report-form"),
    path("report/<str:code>/<str:week>/withdrawal/", views.withdrawal, name="withdrawal"),
    path("report/<str:code>/<str:week>/on-behalf/", views.on_behalf, name="on-behalf"),
    path("report/<str:code>/<str:week>/excuse/", views.excuse, name="excuse"),
    path("upper/<str:code>/", views_upper.upper_list, name="upper-list"),
    path("upper/<str:code>/<str:period>/", views_upper.upper_report, name="upper-report"),
    path("upper/<str:code>/<str:period>/form/", views_upper.upper_form, name="upper-form"),
    path(
        "upper/<str:code>/<str:period>/withdrawal/",
        views_upper.upper_withdrawal,
        name="upper-withdrawal",
    ),
    path("upper/<str:code>/<str:period>/refresh/", views_upper.upper_refresh, name="upper-refresh"),
    path("receipt/<uuid:id>/", views.receipt, name="receipt"),
    path("receipt/<uuid:id>/amendment/", views_household.event_amendment, name="event-amendment"),
    path(
        "receipt/<uuid:id>/withdrawal/", views_household.event_withdrawal, name="event-withdrawal"
    ),
    path("household/<str:code>/", views_household.household, name="household"),
    path("household/<str:code>/form/", views_household.household_form, name="household-form"),
    path("api/filings/<uuid:id>/", api.FilingView.as_view(), name="api-filing"),
    path("api/filings/", api.FilingBatch.as_view(), name="api-filing-batch"),
    path("api/summaries/", api.SummaryList.as_view(), name="api-summaries"),
    path("api/obligations/", api.ObligationList.as_view(), name="api-obligations"),
]
