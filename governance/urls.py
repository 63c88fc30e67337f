"""All doors of the house."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from governance import diagnosis, health

urlpatterns = [
    path("healthz/", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="language"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-page"),
    path("", include("units.urls")),
    path("", include("reports.urls")),
    path("", include("governance.phone.urls")),
    path("f/diag/", diagnosis.diagnosis, name="diagnosis"),
    path("", include("governance.voices.urls")),
    path("", include("governance.shaping.urls")),
    path("", include("governance.profiles.urls")),
    path("", include("governance.supervision.urls")),
    path("", include("governance.board.urls")),
]

handler400 = "governance.problems.bad_request"
handler403 = "governance.problems.forbidden"
handler404 = "governance.problems.not_found"
handler500 = "governance.problems.server_error"
