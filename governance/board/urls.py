"""Doors to the board."""

from django.urls import path

from governance.board import (
    figure_views,
    matrix_views,
    parts_page,
    place_views,
    search_views,
    street_views,
    views,
    views_handover,
)
from governance.board.workbench import views as workbench

urlpatterns = [
    path("", views.home, name="home"),
    path("group/", views.group_home, name="group-home"),
    path("group/<str:code>/", views.group_board, name="group-board"),
    path("group/<str:code>/wall/", views.group_wall, name="group-wall"),
    path("building/<str:code>/", place_views.building_board, name="building-board"),
    path("desk/<str:code>/", workbench.workbench, name="workbench"),
    path("desk/<str:code>/decisions/", workbench.decisions, name="workbench-decisions"),
    path(
        "desk/<str:code>/decisions/<uuid:batch>/undoing/",
        workbench.undoing,
        name="workbench-undoing",
    ),
    path("live/desk/<str:token>/", workbench.live, name="workbench-live"),
    path("handover/<str:code>/", views_handover.handover_card, name="handover"),
    path("community/<str:code>/", views.community_board, name="community-board"),
    path("place/<str:code>/", place_views.place, name="place"),
    path("community/<str:code>/places/", place_views.place_list, name="places"),
    path("people/<int:pk>/", place_views.person, name="person"),
    path("search/", search_views.search_page, name="search"),
    path("search/suggestions/", search_views.suggestions, name="search-suggestions"),
    path("community/<str:code>/wall/", views.community_wall, name="community-wall"),
    path("community/<str:code>/filing/", matrix_views.filing_matrix, name="filing-matrix"),
    path(
        "community/<str:code>/filing/file/",
        matrix_views.filing_matrix_file,
        name="filing-matrix-file",
    ),
    path("street/<str:code>/", street_views.street_board, name="street-board"),
    path("street/<str:code>/trends/", street_views.street_trends_page, name="street-trends"),
    path("street/<str:code>/screen/", street_views.screen, name="street-screen"),
    path("_parts/", parts_page.parts, name="parts"),
    path("measures/", figure_views.measures_page, name="measures"),
    path("figure/<str:code>/<str:place>/<str:period>/", figure_views.figure, name="figure"),
    path("sheet/<uuid:id>/", figure_views.sheet, name="sheet"),
    path("live/", views.live_who, name="live-who"),
    path("live/<str:token>/", views.live, name="live"),
]
