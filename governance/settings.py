"""Settings, read from the environment. `deploy/README.md` lists every variable."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What the operator says ------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# True only for `make demo`: shows the landing page with invented logins.
DEMO = env.bool("TONGGOU_DEMO", default=False)
# True behind a TLS proxy that sets X-Forwarded-Proto.
BEHIND_TLS = env.bool("BEHIND_TLS", default=False)
# How many of our own proxies write X-Forwarded-For; with 0 nobody's word is taken for it.
PROXY_HOPS = env.int("PROXY_HOPS", default=1 if BEHIND_TLS else 0)
# Whether staff must have a second step (required) or may (offered). Who has one is always asked.
STAFF_TOTP = env.str("STAFF_TOTP", default="offered")
if STAFF_TOTP not in ("required", "offered"):
    raise environ.ImproperlyConfigured("STAFF_TOTP is required or offered")

# --- Rooms -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "governance.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "mptt",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "units",
    "reports",
    "governance.voices",
    "governance.profiles",
    "governance.supervision",
    "governance.apps.GovernanceConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "governance.problems.refuse_large_bodies",
    "governance.problems.refuse_nul",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "governance.caching.keep_private",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "units.sessions.PersonMiddleware",
    "governance.language.speak",
    "units.views_entry.keep_what_was_posted",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "governance.problems.answer_refusals",
]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.board.navigation.desk",
                "units.way_back.way_back",
            ],
        },
    },
]

# --- What it stands on -----------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    # Without persistent connections filing is eight times slower (measured).
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    # Beside what DATABASE_URL itself asks for, such as ?sslmode=require.
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})
    | {
        "connect_timeout": 3,
        # A black-holed database must fail in seconds, not hang a stairwell's phone.
        "tcp_user_timeout": 3000,
        # And a host that lost its link must not hold its locks for a minute (5 s, measured).
        "options": "-c statement_timeout=60s -c lock_timeout=10s"
        " -c idle_in_transaction_session_timeout=60s"
        " -c tcp_keepalives_idle=4 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2"
        " -c tcp_user_timeout=6000",
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Redelivery after a killed worker took 102 s with kombu's defaults, 11 s with these.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 30,
    "socket_timeout": 30,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 25,
}

# --- Language and time -----------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- People ----------------------------------------------------------------------------
AUTH_USER_MODEL = "units.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "units.passwords.LongEnough",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Bound by the browser to this host, over TLS: no neighbouring site can plant one.
COOKIE_PREFIX = "__Host-" if BEHIND_TLS else ""
SESSION_COOKIE_NAME = COOKIE_PREFIX + "sessionid"
CSRF_COOKIE_NAME = COOKIE_PREFIX + "csrftoken"
# A card's code; a phone unused, and used; a computer on which the second step is not asked again.
INVITATION_HOURS = 72
PHONE_IDLE_DAYS = 30
PHONE_LIFE_DAYS = 90
DESK_TRUSTED_DAYS = 30
# A login by password of who has staff rights: unused, and altogether. Phones are above.
STAFF_IDLE_MINUTES = env.int("STAFF_IDLE_MINUTES", default=60)
STAFF_LIFE_HOURS = env.int("STAFF_LIFE_HOURS", default=12)

# --- Headers ---------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# A report is about two kilobytes. Only the doors that take photos (governance/problems.py) open
# wider: the API for one photo, and the pages, where a photo that is too large is refused alone.
BODY_LIMIT = 1024 * 1024
PHOTO_LIMIT = 8 * 1024 * 1024
PHOTO_FORM_LIMIT = 2 * PHOTO_LIMIT
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT

# The upper office's workbooks come through one door, which guards what it takes.
UPLOAD_LIMIT = 8 * BODY_LIMIT

# --- Paper -----------------------------------------------------------------------------
# Folders of licensed fonts, and their names before ours: 仿宋 for the body, 小标宋 for titles.
PRINT_FONTS = env.list("PRINT_FONTS", default=[])
PRINT_BODY = env.list("PRINT_BODY", default=[])
PRINT_HEAD = env.list("PRINT_HEAD", default=[])

# --- Static files ----------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

# --- API -------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "units.authentication.DeviceAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["governance.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "governance.problems.answer_api_exception",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "同构",
    "DESCRIPTION": "报告、单元和汇总的接口。规则和页面一样，拒绝时说同样的话。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    # Served from our own static files: nothing is fetched from elsewhere.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

CSRF_FAILURE_VIEW = "governance.problems.csrf_failure"
