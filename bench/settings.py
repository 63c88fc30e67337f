"""Settings of the bench: the real ones, with a quick password hash and the twin's door."""

from governance.settings import *  # noqa: F403
from governance.settings import DATABASES, STORAGES

# A database of its own beside the one that is named, not the one that tests make.
DATABASES["default"]["TEST"] = {"NAME": f"bench_{DATABASES['default']['NAME']}"}
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "bench.urls"
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
