"""App configuration: where things are and who answers for them."""

from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "units"
    verbose_name = "地方与人"
