"""Settings of the test run: the real ones, with a quick password hash and plain static files."""

import os

from governance.settings import *  # noqa: F403
from governance.settings import REDIS_URL, STORAGES

# Each process of a run in parallel has a broker of its own, as it has a database; the servers that
# its tests start inherit both.
_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if _PROCESS:
    REDIS_URL = CELERY_BROKER_URL = f"{REDIS_URL.rpartition('/')[0]}/{int(_PROCESS) + 8}"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
ALLOWED_HOSTS = ["*"]
DEMO = True
# Browser tests start a web server with these settings: static files without collecting them.
WHITENOISE_USE_FINDERS = True
