"""The door for a WSGI server: the short way for open pages, then Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

_django = get_wsgi_application()

# It reads models, so Django has to be set up.
from governance.board.door import Door  # noqa: E402

application = Door(_django)
