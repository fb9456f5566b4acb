"""All settings. A plant changes them in the environment or in .env; .env.example lists them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

from signalcraft.environment import Environment
from signalcraft.pages.curl_lines import SIGN_IN

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_env(BASE_DIR / ".env")

DEBUG = env.switch("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "core",
    "accounts",
    "registry",
    "analysis",
    "training",
    "older_app",
    "signalcraft",
    "corsheaders",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "signalcraft.middleware.client_ip",
    "signalcraft.request_log.log_requests",
    "signalcraft.telemetry.measure_requests",
    "corsheaders.middleware.CorsMiddleware",
    "signalcraft.middleware.DatabaseErrors",
    "signalcraft.middleware.protect_answers",
    "signalcraft.middleware.CompressApi",
    "signalcraft.middleware.bound_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "signalcraft.middleware.english_api_errors",
    "signalcraft.middleware.strip_api_slash",
    "signalcraft.middleware.explain_bodies",
    "signalcraft.middleware.IncorrectLookups",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "signalcraft.urls"
CSRF_FAILURE_VIEW = "signalcraft.pages.problems.csrf_failure"
WSGI_APPLICATION = "signalcraft.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# The folder of runtime files: the embedded database, artifacts and recordings. A relative path is
# relative to the project, not to where a command is called.
MEDIA_ROOT = BASE_DIR / env.str("MEDIA_ROOT", default="media")
MEDIA_ROOT.mkdir(parents=True, exist_ok=True)

# How long a request waits for a database that is locked or away; then the answer is a 503.
WAIT_SECONDS = 6

DATABASES: dict[str, Any] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(MEDIA_ROOT / "signalcraft.sqlite3"),
    }
}
if env.str("DATABASE_URL", default=""):
    DATABASES["default"] = env.db_url("DATABASE_URL")
DATABASE_POOL_SIZE = env.integer(
    "DATABASE_POOL_SIZE", "connections", default=8, minimum=1, maximum=1000
)
# Opening a connection for each request would take as long as its queries.
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A bounded pool for the threads of a process in place of a connection for each.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": WAIT_SECONDS},
        "connect_timeout": WAIT_SECONDS,
        "tcp_user_timeout": WAIT_SECONDS * 1000,
        "options": f"-c lock_timeout={WAIT_SECONDS}s",
    }
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["NAME"] = str(BASE_DIR / DATABASES["default"]["NAME"])
    # IMMEDIATE takes the write lock at BEGIN: two writers queue up and do not fail midway.
    # Every thread has a connection of its own, so each caches few pages (256 KiB).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": WAIT_SECONDS,
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            "PRAGMA synchronous=NORMAL;"
            f"PRAGMA busy_timeout={WAIT_SECONDS * 1000};"
            "PRAGMA cache_size=-256;"
        ),
    }


def _storage(bucket: str, folder: str) -> dict[str, Any]:
    """S3-compatible when a bucket is named, else a folder below MEDIA_ROOT; never served by URL."""
    if bucket:
        options = {"bucket_name": bucket, "endpoint_url": env.str("S3_ENDPOINT_URL", default=None)}
        options |= {"file_overwrite": False, "default_acl": "private", "querystring_auth": True}
        return {"BACKEND": "registry.remote_storage.BoundedS3Storage", "OPTIONS": options}
    return {
        "BACKEND": "registry.storage.WriteOnceStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT / folder)},
    }


_ARTIFACTS_BUCKET = env.str("ARTIFACTS_S3_BUCKET", default="")
_RECORDINGS_BUCKET = env.str("RECORDINGS_S3_BUCKET", default="")
if _ARTIFACTS_BUCKET and _ARTIFACTS_BUCKET == _RECORDINGS_BUCKET:
    # registry_doctor would take the files of one for orphans of the other.
    raise ImproperlyConfigured(
        "ARTIFACTS_S3_BUCKET and RECORDINGS_S3_BUCKET name the same bucket. Give each its own."
    )

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "artifacts": _storage(_ARTIFACTS_BUCKET, "artifacts"),
    "recordings": _storage(_RECORDINGS_BUCKET, "recordings"),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Without it the server warns at every start, until the first collectstatic.
STATIC_ROOT.mkdir(exist_ok=True)

# Holds the counts of the rate limits. The processes of one machine share a file; several machines
# need Redis.
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {
                "serializer": "signalcraft.shared_cache.JsonSerializer",
                "socket_connect_timeout": 1,
                "socket_timeout": 2,
                "retry": Retry(NoBackoff(), 1),
            },
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "signalcraft.shared_cache.SqliteCache",
            "LOCATION": str(MEDIA_ROOT / "cache.sqlite3"),
        }
    }

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.GuardedBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["signalcraft.formats"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    # Default-deny: a view only loosens this, visibly.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_THROTTLE_CLASSES": ["signalcraft.throttles.PerUserAndAddress"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["signalcraft.parsers.Utf8JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "signalcraft.schema.ApiSchema",
    "EXCEPTION_HANDLER": "signalcraft.api.render_error",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(
        minutes=env.integer(
            "ACCESS_TOKEN_MINUTES", "minutes", default=60, minimum=1, maximum=525600
        )
    ),
    "REFRESH_TOKEN_LIFETIME": timedelta(
        days=env.integer("REFRESH_TOKEN_DAYS", "days", default=30, minimum=1, maximum=36500)
    ),
    "UPDATE_LAST_LOGIN": True,
    # The clocks of two machines are never the same.
    "LEEWAY": 30,
    # A new password signs out every phone that used the old one.
    "CHECK_REVOKE_TOKEN": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SignalCraft",
    "DESCRIPTION": (
        "Is this machine healthy? "
        f"Send a recording, name the model for the machine, and get a verdict.\n\n{SIGN_IN}"
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AnalysisStatusEnum": ["completed"],
        "FeedbackRequestVerdictEnum": ["TRUE_POSITIVE", "FALSE_POSITIVE", "IGNORE"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "signalcraft.schema.drop_impossible_defaults",
        "signalcraft.pages.curl_lines.add_curl_lines",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# The bounds of one recording, checked before any work is done on it.
MAX_UPLOAD_BYTES = env.integer(
    "MAX_UPLOAD_BYTES", "bytes", default=32 * 1024 * 1024, minimum=1, maximum=10**12
)
MAX_RECORDING_SECONDS = env.positive_float("MAX_RECORDING_SECONDS", "seconds", default=120.0)

# For processes that open files of strangers: where programs and temporary files are, no secret.
BARE_ENVIRONMENT = {
    name: value
    for name, value in env.ENVIRON.items()
    if name in {"PATH", "SYSTEMROOT", "TEMP", "TMP"}
}

# The older app: who may register, whether a new device_id makes a device, how long a sign-in holds
# (it has no refresh token), and the web pages whose scripts may call the API.
ALLOW_SIGNUP = env.switch("ALLOW_SIGNUP", default=False)
DEVICES_AUTOCREATE = env.switch("DEVICES_AUTOCREATE", default=False)
OLDER_APP_TOKEN_HOURS = env.integer(
    "OLDER_APP_TOKEN_HOURS", "hours", default=12, minimum=1, maximum=8760
)
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key")
CORS_EXPOSE_HEADERS = ["Retry-After"]

# How long purge_recordings keeps recordings; 0 is forever.
RECORDING_RETENTION_DAYS = env.integer(
    "RECORDING_RETENTION_DAYS",
    "days",
    default=0,
    minimum=0,
    maximum=36500,
    hint=", and 0 to keep recordings forever",
)

# The number of reverse proxies in front: so many addresses at the end of X-Forwarded-For are true.
NUM_PROXIES = env.integer("NUM_PROXIES", "proxies", default=0, minimum=0, maximum=100)

# A switch, because many plants serve plain http on a network of their own, where browsers would
# refuse these settings. A proxy in front does the https, and says so in X-Forwarded-Proto.
HTTPS = env.switch("HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and NUM_PROXIES else None
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]  # called from behind the proxy
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if HTTPS else 0
# Subdomains and the lists built into browsers are not SignalCraft's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# All phones of a plant may share one address, so an address may do more than a user.
LIMITS = {
    "analyses_per_user": env.rate_limit("LIMIT_ANALYSES_PER_USER", default="3000/min"),
    "analyses_per_address": env.rate_limit("LIMIT_ANALYSES_PER_ADDRESS", default="12000/min"),
    "requests_per_user": env.rate_limit("LIMIT_REQUESTS_PER_USER", default="6000/min"),
    "requests_per_address": env.rate_limit("LIMIT_REQUESTS_PER_ADDRESS", default="24000/min"),
    "sign_ins_per_address": env.rate_limit("LIMIT_SIGN_INS_PER_ADDRESS", default="60/min"),
    "failed_sign_ins": env.rate_limit("LIMIT_FAILED_SIGN_INS", default="10/5min"),
}

# The per-process cache of loaded detectors.
MODEL_CACHE_ENTRIES = env.integer(
    "MODEL_CACHE_ENTRIES", "detectors", default=50, minimum=1, maximum=10**6
)
MODEL_CACHE_BYTES = env.integer(
    "MODEL_CACHE_BYTES", "bytes", default=512 * 1024 * 1024, minimum=1, maximum=10**15
)

if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY must have 32 characters or more.")

# Who may read /metrics, and the folder in which the workers of one server add up their counts.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
PROMETHEUS_MULTIPROC_DIR = env.str("PROMETHEUS_MULTIPROC_DIR", default="")
if PROMETHEUS_MULTIPROC_DIR:
    Path(PROMETHEUS_MULTIPROC_DIR).mkdir(parents=True, exist_ok=True)

LOG_FORMAT = env.str("LOG_FORMAT", default="plain")
if LOG_FORMAT not in ("plain", "json"):
    raise ImproperlyConfigured(f'LOG_FORMAT is "{LOG_FORMAT}". Write plain or json.')
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FILE = env.str("LOG_FILE", default="")
_LOG_HANDLERS: dict[str, Any] = {
    "stderr": {
        "class": "logging.StreamHandler",
        "level": env.str("LOG_CONSOLE_LEVEL", default=LOG_LEVEL),
        "filters": ["request_id", "no_trace_of_strangers"],
        "formatter": LOG_FORMAT,
    }
}
if LOG_FILE:
    Path(LOG_FILE).parent.mkdir(parents=True, exist_ok=True)
    _LOG_HANDLERS["file"] = {
        "class": "signalcraft.logs.SharedRotatingHandler",
        "filename": LOG_FILE,
        "maxBytes": 10 * 1024 * 1024,
        "backupCount": 5,
        "encoding": "utf-8",
        "filters": ["request_id", "no_trace_of_strangers"],
        "formatter": LOG_FORMAT,
    }
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "signalcraft.logs.RequestIdFilter"},
        "no_trace_of_strangers": {"()": "signalcraft.logs.NoTraceOfStrangers"},
    },
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {request_id} {name}: {message}", "style": "{"},
        "json": {"()": "signalcraft.logs.JsonFormatter"},
    },
    "handlers": _LOG_HANDLERS,
    "root": {"handlers": list(_LOG_HANDLERS), "level": LOG_LEVEL},
    # Every request has its line already; errors of the server come with a traceback.
    "loggers": {"django.request": {"level": "ERROR"}},
}
