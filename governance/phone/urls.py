"""Doors of the phone that work without a signal."""

from django.urls import path, re_path

from governance.phone import api, views

urlpatterns = [
    path("f/", views.shell, name="shell"),
    re_path(
        r"^f/(?P<version>[0-9a-f]{12})\.(?P<kind>css|js)$", views.shell_part, name="shell-part"
    ),
    path("sw.js", views.service_worker, name="service-worker"),
    path("api/whoami/", api.WhoAmI.as_view(), name="api-whoami"),
    path("api/pack/", api.Pack.as_view(), name="api-pack"),
]
