"""Compile the English catalogue, without the tools of gettext, which few machines have."""

from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compile locale/en for those who ask for English; run twice it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for catalogue in sorted(folder.glob("*/LC_MESSAGES/*.po")):
                ready = catalogue.with_suffix(".mo.new")
                polib.pofile(str(catalogue)).save_as_mofile(str(ready))
                # At once, so that a process that starts meanwhile reads the old or the new.
                ready.replace(catalogue.with_suffix(".mo"))
