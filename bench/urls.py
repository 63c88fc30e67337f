"""The house's own doors, and the twins'."""

from django.urls import include, path

from bench.twin import BorrowingTwinView, TwinView

urlpatterns = [
    path("twin/filings/<uuid:id>/", TwinView.as_view()),
    path("borrowing-twin/filings/<uuid:id>/", BorrowingTwinView.as_view()),
    path("", include("governance.urls")),
]
handler500 = "governance.problems.server_error"
