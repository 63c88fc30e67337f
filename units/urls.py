"""Doors to people and groups."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from units import (
    api,
    views,
    views_cards,
    views_census,
    views_devices,
    views_entry,
    views_links,
    views_phone,
    views_second_step,
)

urlpatterns = [
    path("login/", views_entry.login, name="login"),
    path("login/code/", views_second_step.second_step, name="second-step"),
    path("login/code/setup/", views_second_step.setup, name="second-step-setup"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("enter/", views_phone.enter, name="enter"),
    path("enter/done/", views_phone.bound, name="bound"),
    path("pin/", views_phone.pin, name="pin"),
    path("links/", views_links.saving, name="saved-links"),
    path("links/<int:pk>/removal/", views_links.removal, name="saved-link-removal"),
    path("devices/", views_devices.device_list, name="devices"),
    path("devices/<int:pk>/revocation/", views_devices.revocation, name="device-revocation"),
    path("community/<str:code>/groups/", views.group_list, name="group-list"),
    path("community/<str:code>/card/", views.card, name="group-card"),
    path("community/<str:code>/cards/", views_cards.cards, name="cards"),
    path(
        "community/<str:code>/second-steps/",
        views_second_step.second_step_list,
        name="second-steps",
    ),
    path(
        "community/<str:code>/second-steps/<int:pk>/reset/",
        views_second_step.reset,
        name="second-step-reset",
    ),
    path("community/<str:code>/appointments/", views.appointments, name="appointments"),
    path(
        "community/<str:code>/appointments/<int:entry>/undo/",
        views.undo_appointments,
        name="appointments-undo",
    ),
    path("api/devices/", api.DeviceList.as_view(), name="api-devices"),
    path(
        "api/devices/<int:pk>/revocation/",
        api.DeviceRevocation.as_view(),
        name="api-device-revocation",
    ),
    path("api/places/", api.PlaceList.as_view(), name="api-places"),
    path("community/<str:code>/census/", views_census.census_imports, name="census-imports"),
    path(
        "community/<str:code>/census/template/",
        views_census.census_template,
        name="census-template",
    ),
    path("census/<uuid:id>/", views_census.census_import, name="census-import"),
    path("census/<uuid:id>/columns/", views_census.census_columns, name="census-columns"),
    path("census/<uuid:id>/fixes/", views_census.census_fixes, name="census-fixes"),
    path("census/<uuid:id>/errors/", views_census.census_errors, name="census-errors"),
    path("census/<uuid:id>/start/", views_census.census_start, name="census-start"),
    path("census/<uuid:id>/undoing/", views_census.census_undo, name="census-undo"),
    path("census/<uuid:id>/removal/", views_census.census_removal, name="census-removal"),
    path("census/live/<str:token>/", views_census.census_live, name="census-live"),
    path("seats/<int:pk>/end/", views.seat_end, name="seat-end"),
]
