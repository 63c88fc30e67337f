"""The administration of places and people. Importing this registers all of it."""

from units.admin import areas, journal, people, places, posts

__all__ = ["areas", "journal", "people", "places", "posts"]
