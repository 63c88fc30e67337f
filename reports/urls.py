"""Doors to reports."""

from django.urls import path

from reports import api, views

urlpatterns = [
    path("report/<str:code>/<str:week>/", views.report_detail, name="report-detail"),
    path("report/<str:code>/<str:week>/nil/", views.nil_report, name="nil-report"),
    path("report/<str:code>/<str:week>/form/", views.report_form, name="report-form"),
    path("report/<str:code>/<str:week>/withdrawal/", views.withdrawal, name="withdrawal"),
    path("report/<str:code>/<str:week>/on-behalf/", views.on_behalf, name="on-behalf"),
    path("report/<str:code>/<str:week>/excuse/", views.excuse, name="excuse"),
    path("receipt/<uuid:id>/", views.receipt, name="receipt"),
    path("api/filings/<uuid:id>/", api.FilingView.as_view(), name="api-filing"),
    path("api/obligations/", api.ObligationList.as_view(), name="api-obligations"),
]
