"""App configuration of the room."""

from django.apps import AppConfig


class VoicesConfig(AppConfig):
    name = "governance.voices"
    verbose_name = "居民反映"
