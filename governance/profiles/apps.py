"""App configuration of the room."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "governance.profiles"
    verbose_name = "小区画像"
