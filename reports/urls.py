"""Doors to reports."""

from django.urls import path

from reports import api, views, views_admission, views_household

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
    path("forms/", views_admission.admissions, name="admissions"),
    path("forms/burden/", views_admission.what_is_asked, name="burden"),
    path("forms/proposal/", views_admission.proposal, name="admission-proposal"),
    path("forms/<int:pk>/", views_admission.admission, name="admission"),
    path(
        "forms/<int:pk>/agreement/",
        views_admission.admission_agreement,
        name="admission-agreement",
    ),
    path("forms/<int:pk>/refusal/", views_admission.admission_refusal, name="admission-refusal"),
    path(
        "forms/<int:pk>/withdrawal/",
        views_admission.admission_withdrawal,
        name="admission-withdrawal",
    ),
    path("forms/<int:pk>/end/", views_admission.admission_end, name="admission-end"),
    path("api/filings/<uuid:id>/", api.FilingView.as_view(), name="api-filing"),
    path("api/filings/", api.FilingBatch.as_view(), name="api-filing-batch"),
    path("api/summaries/", api.SummaryList.as_view(), name="api-summaries"),
    path("api/obligations/", api.ObligationList.as_view(), name="api-obligations"),
]
