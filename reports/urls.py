"""Doors to reports."""

from django.urls import path

from reports import (
    api,
    photo_api,
    views,
    views_admission,
    views_calendar,
    views_chain,
    views_exports,
    views_household,
    views_owed,
    views_paper,
    views_photos,
    views_replies,
    views_review,
    views_upper,
    views_workbooks,
)

urlpatterns = [
    path("report/<str:code>/<str:week>/", views.report_detail, name="report-detail"),
    path("report/<str:code>/<str:week>/nil/", views.nil_report, name="nil-report"),
    path("report/<str:code>/<str:week>/form/", views.report_form, name="report-form"),
    path("report/<str:code>/<str:week>/withdrawal/", views.withdrawal, name="withdrawal"),
    path("report/<str:code>/<str:week>/on-behalf/", views.on_behalf, name="on-behalf"),
    path("community/<str:code>/chain/", views_chain.chain, name="chain"),
    path("report/<str:code>/<str:week>/excuse/", views_owed.excuse, name="excuse"),
    path(
        "report/<str:code>/<str:week>/excuse/end/", views_owed.excuse_ending, name="excuse-ending"
    ),
    path("report/<str:code>/<str:week>/waiver/", views_owed.waiver, name="waiver"),
    path(
        "report/<str:code>/<str:week>/waiver/end/", views_owed.waiver_ending, name="waiver-ending"
    ),
    path("report/<str:code>/<str:week>/unlocking/", views_owed.unlocking, name="unlocking"),
    path("review/<str:code>/", views_review.review_queue, name="review-queue"),
    path("review/<str:code>/acceptance/", views_review.acceptance, name="review-acceptance"),
    path("review/<str:code>/returning/", views_review.returning, name="review-returning"),
    path("review/<str:code>/undoing/<uuid:batch>/", views_review.undoing, name="review-undoing"),
    path("review/<str:code>/late/", views_review.late_reports, name="late-reports"),
    *(
        path(f"street/<str:code>/review/{path_}", view, {"is_street": True}, name=name)
        for path_, view, name in (
            ("", views_review.review_queue, "street-review"),
            ("acceptance/", views_review.acceptance, "street-acceptance"),
            ("returning/", views_review.returning, "street-returning"),
            ("undoing/<uuid:batch>/", views_review.undoing, "street-undoing"),
        )
    ),
    path("calendar/", views_calendar.calendar_page, name="calendar"),
    path("calendar/days/", views_calendar.days, name="calendar-days"),
    path("calendar/days/<str:day>/removal/", views_calendar.day_removal, name="calendar-removal"),
    path("calendar/rhythm/<str:code>/", views_calendar.rhythm, name="calendar-rhythm"),
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
    path("receipt/<uuid:id>/replies/", views_replies.replies, name="replies"),
    path("receipt/<uuid:id>/photos/", views_photos.photo_form, name="photo-form"),
    path("receipt/<uuid:id>/photos/<int:number>/", views_photos.photo, name="photo"),
    path("group/<str:code>/replies/", views_replies.group_replies, name="group-replies"),
    path("paper/<str:code>/<str:form>/", views_paper.paper, name="paper"),
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
    path("sheet/<uuid:id>/table/", views_exports.sheet_detail, name="sheet-table"),
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
    path(
        "api/filings/<uuid:id>/photos/<int:number>/",
        photo_api.PhotoView.as_view(),
        name="api-photo",
    ),
    path("api/filings/", api.FilingBatch.as_view(), name="api-filing-batch"),
    path("api/summaries/", api.SummaryList.as_view(), name="api-summaries"),
    path("api/obligations/", api.ObligationList.as_view(), name="api-obligations"),
]
