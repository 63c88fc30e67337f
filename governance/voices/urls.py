"""Doors to what residents say."""

from django.urls import path

from governance.voices import views, views_residents

urlpatterns = [
    path("stairwell/receipt/", views_residents.voice_receipt, name="voice-receipt"),
    path("stairwell/<str:token>/", views_residents.stairwell, name="stairwell"),
    path("community/<str:code>/voices/", views.voices, name="voices"),
    path("voices/<int:pk>/", views.voice, name="voice"),
    path("voices/<int:pk>/acceptance/", views.acceptance, name="voice-acceptance"),
    path("voices/<int:pk>/closure/", views.closure, name="voice-closure"),
    path("group/<str:code>/voices/", views.group_voices, name="group-voices"),
    path("community/<str:code>/doorplates/", views.doorplate_list, name="doorplates"),
    path(
        "community/<str:code>/doorplates/sheets/", views.doorplate_sheets, name="doorplate-sheets"
    ),
    path(
        "doorplates/<int:pk>/replacement/",
        views.doorplate_replacement,
        name="doorplate-replacement",
    ),
]
