"""Settings of the test run: the real ones, with a quick password hash and plain static files."""

from governance.settings import *  # noqa: F403
from governance.settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
ALLOWED_HOSTS = ["*"]
DEMO = True
# Browser tests start a web server with these settings: static files without collecting them.
WHITENOISE_USE_FINDERS = True
