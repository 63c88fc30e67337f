"""Doors to the board."""

from django.urls import path

from governance.board import figure_views, matrix_views, parts_page, views

urlpatterns = [
    path("", views.home, name="home"),
    path("group/", views.group_home, name="group-home"),
    path("group/<str:code>/", views.group_board, name="group-board"),
    path("group/<str:code>/wall/", views.group_wall, name="group-wall"),
    path("building/<str:code>/", views.building_board, name="building-board"),
    path("community/<str:code>/", views.community_board, name="community-board"),
    path("community/<str:code>/wall/", views.community_wall, name="community-wall"),
    path("community/<str:code>/filing/", matrix_views.filing_matrix, name="filing-matrix"),
    path("street/<str:code>/", views.street_board, name="street-board"),
    path("_parts/", parts_page.parts, name="parts"),
    path("measures/", figure_views.measures_page, name="measures"),
    path("figure/<str:code>/<str:place>/<str:period>/", figure_views.figure, name="figure"),
    path("sheet/<uuid:id>/", figure_views.sheet, name="sheet"),
    path("live/<str:token>/", views.live, name="live"),
]
