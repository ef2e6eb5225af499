"""The marketplace's settings: one file, driven by the environment. Every variable has a default fit for one
machine; `backends.py` says how each engine is spoken to, `guards.py` what production must not run with."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from marketplace.config import backends, guards, master_keys
from protocol.units import ZERO_ADDRESS

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]

INFILL_ENV: str = env.str("INFILL_ENV", default="dev")
if INFILL_ENV not in {"dev", "production"}:
    raise ImproperlyConfigured(f"INFILL_ENV is {INFILL_ENV!r}: set it to dev or production.")
PRODUCTION = INFILL_ENV == "production"
DEBUG: bool = env.bool("DEBUG", default=False)
SECRET_KEY: str = env.str("SECRET_KEY", default=guards.DEVELOPMENT_SECRET_KEY)
PUBLIC_URL: str = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".infill")))
DATA_DIR.mkdir(parents=True, exist_ok=True)
REDIS_URL: str = env.str("REDIS_URL", default="")
# Master keys of designs, the newest first; on one's own machine one is made and kept beside the data.
DESIGN_KEYS = master_keys.design_keys(
    env.str("DESIGN_KEYS", default=""), kept=None if PRODUCTION else DATA_DIR / "design.keys"
)

# The chain and the operator's terms
RPC_URL: str = env.str("RPC_URL", default="http://127.0.0.1:8545")
CHAIN_ID: int = env.int("CHAIN_ID", default=guards.DEMO_CHAIN_ID)
DEPLOYMENTS_DIR = Path(env.str("DEPLOYMENTS_DIR", default=str(BASE_DIR / "contracts" / "deployments")))
DEMO_WALLET: bool = env.bool("DEMO_WALLET", default=False)
FEE_BPS: int = env.int("FEE_BPS", default=0)
FEE_TO = guards.operator_address("FEE_TO", env.str("FEE_TO", default=ZERO_ADDRESS))
ARBITERS = [guards.operator_address("ARBITERS", each) for each in env.list("ARBITERS", default=[])]
# Signs receipts, bid books and the few transactions the marketplace itself makes, as hex; empty: none of it.
OPERATOR_KEY = guards.operator_key(env.str("OPERATOR_KEY", default=""))
OPERATOR_MAX_FEE_WEI: int = env.int("OPERATOR_MAX_FEE_WEI", default=100 * 10**9)
OPERATOR_MAX_PRIORITY_WEI: int = env.int("OPERATOR_MAX_PRIORITY_WEI", default=3 * 10**9)
OPERATOR_DAILY_WEI: int = env.int("OPERATOR_DAILY_WEI", default=10**17)
# Evidence, profiles, receipts and books are anchored this often, so many at once.
ANCHOR_SECONDS: float = env.float("ANCHOR_SECONDS", default=600.0)
ANCHOR_BATCH: int = env.int("ANCHOR_BATCH", default=1_000)
UPLOAD_LIMIT_BYTES: int = env.int("UPLOAD_LIMIT_BYTES", default=100 * 1024 * 1024)
UPLOAD_QUOTA_BYTES: int = env.int("UPLOAD_QUOTA_BYTES", default=1024 * 1024 * 1024)
# One measuring child may take this much.
MEASURE_MEMORY_BYTES: int = env.int("MEASURE_MEMORY_BYTES", default=3_000_000_000)
MEASURE_SECONDS: int = env.int("MEASURE_SECONDS", default=60)
# What printers report is kept for so long.
SAMPLES_DAYS: int = env.int("SAMPLES_DAYS", default=7)
# Every claim is swept this often, so that a lost wake-up costs seconds and never a job.
SWEEP_SECONDS: float = env.float("SWEEP_SECONDS", default=2.0)

if _problems := guards.deployment_problems(
    production=PRODUCTION,
    debug=DEBUG,
    secret_key=SECRET_KEY,
    chain_id=CHAIN_ID,
    demo_wallet=DEMO_WALLET,
    addresses=[FEE_TO, *ARBITERS, *guards.addresses_of(OPERATOR_KEY)],
    redis_url=REDIS_URL,
    design_keys=DESIGN_KEYS,
):
    raise ImproperlyConfigured("\n".join(_problems))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # ours, in import order: an app imports only those above it
    "marketplace.activity",
    "marketplace.chain",
    "marketplace.accounts",
    "marketplace.providers",
    "marketplace.designs",
    "marketplace.jobs",
    "marketplace.matching",
    "marketplace.bidding",
    "marketplace.escrow",
    "marketplace.evidence",
    "marketplace.monitoring",
    "marketplace.live",
    "marketplace.pages",
    "marketplace.backup",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.config.nul.nul_refused",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "marketplace.config.urls"
ASGI_APPLICATION = "marketplace.config.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Rows
DATABASES = {
    "default": backends.database(
        env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'infill.sqlite3'}")
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Work, sockets, cache: without a Redis they live inside one process, which is what tests want.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2}
CHANNEL_LAYERS = {"default": backends.channel_layer(REDIS_URL)}
CACHES = {"default": backends.cache(REDIS_URL)}

# People
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["marketplace.accounts.backends.SignInBackend"]
LOGIN_URL = "/sign-in"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION and PUBLIC_URL.startswith("https://") else 0
SECURE_REFERRER_POLICY = "same-origin"
# The demo wallet talks to the demo chain from the page; a real wallet brings its own node.
_nodes = [RPC_URL] if DEMO_WALLET else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'", *_nodes],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "marketplace.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["marketplace.accounts.permissions.ReadOnlyScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"sign-in": env.str("SIGN_IN_RATE", default="300/min")},
    # How many proxies in front add to X-Forwarded-For; 0 trusts the connection's own address alone.
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
    "EXCEPTION_HANDLER": "marketplace.config.problems.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Infill",
    "DESCRIPTION": "An open marketplace for spare 3D-printing capacity.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {"AgreementStatusEnum": "protocol.statuses.AgreementStatus"},
}

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
_modules = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    (f"vendor/{name}", folder)
    for name, folder in {
        "htmx": _modules / "htmx.org" / "dist",
        "htmx-ext-ws": _modules / "htmx-ext-ws" / "dist",
        "ethers": _modules / "ethers" / "dist",
        "three": _modules / "three" / "build",
        "uplot": _modules / "uplot" / "dist",
        "tus-js-client": _modules / "tus-js-client" / "dist",
        "inter": _modules / "@fontsource-variable" / "inter",
    }.items()
    if folder.is_dir()
]
# Without a collected folder WhiteNoise serves straight from the sources.
WHITENOISE_USE_FINDERS = not PRODUCTION
# Models are received by designs/uploads.py; no other page takes files.
FILE_UPLOAD_HANDLERS = ["marketplace.config.bodies.NoFiles"]
# On the disk of the store, so that a received file arrives by a rename.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # The private store of designs; django-storages puts it on S3.
    "designs": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "designs",
            "allow_overwrite": True,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
