"""The administration of places and people. Importing this registers all of it."""

from units.admin import areas, census, journal, people, places, posts

__all__ = ["areas", "census", "journal", "people", "places", "posts"]
