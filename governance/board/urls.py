"""Doors to the board."""

from django.urls import path

from governance.board import figure_views, place_views, search_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("group/", views.group_home, name="group-home"),
    path("group/<str:code>/", views.group_board, name="group-board"),
    path("group/<str:code>/wall/", views.group_wall, name="group-wall"),
    path("building/<str:code>/", place_views.building_board, name="building-board"),
    path("community/<str:code>/", views.community_board, name="community-board"),
    path("place/<str:code>/", place_views.place, name="place"),
    path("community/<str:code>/places/", place_views.place_list, name="places"),
    path("people/<int:pk>/", place_views.person, name="person"),
    path("search/", search_views.search_page, name="search"),
    path("search/suggestions/", search_views.suggestions, name="search-suggestions"),
    path("community/<str:code>/wall/", views.community_wall, name="community-wall"),
    path("street/<str:code>/", views.street_board, name="street-board"),
    path("measures/", figure_views.measures_page, name="measures"),
    path("figure/<str:code>/<str:place>/<str:period>/", figure_views.figure, name="figure"),
    path("sheet/<uuid:id>/", figure_views.sheet, name="sheet"),
    path("live/<str:token>/", views.live, name="live"),
]
