"""Doors to reports."""

from django.urls import path

from reports import api, views, views_exports, views_household, views_workbooks

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
    path("household/<str:code>/", views_household.household, name="household"),
    path("household/<str:code>/form/", views_household.household_form, name="household-form"),
    path("sheet/<uuid:id>/", views_exports.sheet_detail, name="sheet"),
    path("exports/", views_exports.exports, name="exports"),
    path("downloads/", views_exports.downloads, name="downloads"),
    path("downloads/live/<str:token>/", views_exports.downloads_live, name="downloads-live"),
    path("downloads/<uuid:id>/", views_exports.download, name="download"),
    path("downloads/<uuid:id>/file/", views_exports.download_file, name="download-file"),
    path("downloads/<uuid:id>/attempt/", views_exports.download_attempt, name="download-attempt"),
    path("workbooks/", views_workbooks.workbooks, name="workbooks"),
    path("workbooks/<int:pk>/", views_workbooks.workbook, name="workbook"),
    path("workbooks/<int:pk>/cell/", views_workbooks.workbook_cell, name="workbook-cell"),
    path(
        "workbooks/<int:pk>/suggestions/",
        views_workbooks.workbook_suggestions,
        name="workbook-suggestions",
    ),
    path("workbooks/<int:pk>/filling/", views_workbooks.workbook_filling, name="workbook-filling"),
    path("workbooks/<int:pk>/removal/", views_workbooks.workbook_removal, name="workbook-removal"),
    path("api/filings/<uuid:id>/", api.FilingView.as_view(), name="api-filing"),
    path("api/filings/", api.FilingBatch.as_view(), name="api-filing-batch"),
    path("api/summaries/", api.SummaryList.as_view(), name="api-summaries"),
    path("api/obligations/", api.ObligationList.as_view(), name="api-obligations"),
]
