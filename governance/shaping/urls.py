"""Doors of the director: the shape of the own community."""

from django.urls import path

from governance.shaping import views, views_branches, views_secretary

urlpatterns = [
    path("shape/<str:code>/", views.shape, name="shape"),
    path("shape/<str:code>/changes/", views.changes, name="shape-changes"),
    path("shape/<str:code>/changes/<int:entry>/undoing/", views.undoing, name="shape-undoing"),
    path("shape/<str:code>/branches/", views_branches.branches, name="branches"),
    path(
        "shape/<str:code>/branches/<int:number>/secretary/",
        views_secretary.secretary,
        name="branch-secretary",
    ),
    path(
        "shape/<str:code>/branches/secretaries/<int:entry>/undoing/",
        views_secretary.undoing,
        name="branch-secretary-undoing",
    ),
    path("shape/<str:code>/<str:what>/", views.step, name="shape-step"),
]
