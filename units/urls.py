"""Doors to people and groups."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from units import api, views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("community/<str:code>/groups/", views.group_list, name="group-list"),
    path("community/<str:code>/card/", views.card, name="group-card"),
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
    path("seats/<int:pk>/end/", views.seat_end, name="seat-end"),
]
