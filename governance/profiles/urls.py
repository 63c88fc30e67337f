"""Doors to the profiles."""

from django.urls import path

from governance.profiles import views, views_defects, views_facilities

urlpatterns = [
    path("community/<str:code>/profile/", views.community_profile, name="community-profile"),
    path("community/<str:code>/profile/buildings/", views.alike, name="building-profiles"),
    path("community/<str:code>/profile/parking/", views.parking_need, name="parking-need"),
    path("building/<str:code>/profile/", views.building_profile, name="building-profile"),
    path(
        "community/<str:code>/facilities/new/",
        views_facilities.facility_addition,
        name="facility-addition",
    ),
    path("facilities/<int:pk>/", views_facilities.facility, name="facility"),
    path(
        "facilities/<int:pk>/inspection/",
        views_facilities.facility_inspection,
        name="facility-inspection",
    ),
    path(
        "facilities/<int:pk>/removal/", views_facilities.facility_removal, name="facility-removal"
    ),
    path("community/<str:code>/defects/", views_defects.defects, name="defects"),
    path(
        "community/<str:code>/defects/confirmation/",
        views_defects.confirmation,
        name="defect-confirmation",
    ),
    path(
        "community/<str:code>/defects/setting-aside/",
        views_defects.setting_aside,
        name="defect-setting-aside",
    ),
    path(
        "community/<str:code>/defects/undoing/<uuid:batch>/",
        views_defects.undoing,
        name="defect-undoing",
    ),
]
