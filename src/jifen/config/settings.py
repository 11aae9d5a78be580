"""Django's settings, all of them from the environment.

============================  ==============================================================
``JIFEN_DATABASE_URL``        the PostgreSQL server; without it the embedded one in the home
``JIFEN_DATABASE_OWNER_URL``  who migrates; without it the same address
``JIFEN_HOME``                the folder of the embedded database and the secret key
``JIFEN_SECRET_KEY``          without it made once in the home
``JIFEN_FORMER_SECRET_KEYS``  by comma: what they sealed is still read
``JIFEN_ALLOWED_HOSTS``       host names, by comma; without it only this machine
``JIFEN_SETUP_CODE``          what it takes to set up a programme over HTTP (``faces/setup_code``)
``JIFEN_POOL``                connections a process may open, 20
``JIFEN_DEBUG``               ``true`` shows tracebacks; never in service
============================  ==============================================================

``default`` always works as the role ``jifen_app``, so the grants hold even when the address is
the owner's; ``owner`` is for migrations alone.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from jifen.common.database import LOCK_WAIT_MS, OWNER_SETTING, URL_SETTING, Address
from jifen.common.embedded import default_home, url_of

PACKAGE = Path(__file__).resolve().parents[1]
HOME = default_home()


def _secret_key() -> str:
    """From the environment, or the home; a passing one where no home was made (type checks)."""
    named = os.environ.get("JIFEN_SECRET_KEY")
    if named:
        return named
    kept = HOME / "secret_key"
    return kept.read_text(encoding="ascii") if kept.is_file() else secrets.token_urlsafe(48)


def _database(address: Address, *, role: str | None) -> dict[str, Any]:
    """Django's way of writing a database URL."""
    parameters = address.parameters()
    # The statements are short; compiling them costs more than it saves.
    switches = [parameters.pop("options", ""), "-c jit=off"]
    if role:
        switches.append(f"-c role={role} -c lock_timeout={LOCK_WAIT_MS}ms")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parameters.pop("dbname", ""),
        "USER": parameters.pop("user", ""),
        "PASSWORD": parameters.pop("password", ""),
        "HOST": parameters.pop("host", ""),
        "PORT": parameters.pop("port", ""),
        "OPTIONS": {
            **parameters,
            "connect_timeout": int(parameters.get("connect_timeout", "10")),
            "options": " ".join(switches).strip(),
        },
    }


_url = os.environ.get(URL_SETTING) or url_of(HOME)
_owner = os.environ.get(OWNER_SETTING)

DATABASES = {
    "default": _database(Address(_url, URL_SETTING), role="jifen_app"),
    "owner": _database(
        Address(_owner, OWNER_SETTING) if _owner else Address(_url, URL_SETTING), role=None
    ),
}
DATABASES["default"]["OPTIONS"] |= {
    "prepare_threshold": 5,
    "pool": {"min_size": 1, "max_size": int(os.environ.get("JIFEN_POOL", "20")), "timeout": 10},
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [
    key.strip() for key in os.environ.get("JIFEN_FORMER_SECRET_KEYS", "").split(",") if key.strip()
]
# Jifen itself speaks plain HTTP: the proxy before it says how it was asked. Whoever forges this
# only makes their own cookie stricter.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DEBUG = os.environ.get("JIFEN_DEBUG", "").lower() == "true"
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("JIFEN_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if host.strip()
]

INSTALLED_APPS = [
    "jifen.common.outbox",
    "jifen.programmes",
    "jifen.members",
    "jifen.ledger",
    "jifen.tiers",
    "jifen.wallet",
    "jifen.earning",
    "jifen.audience",
    "jifen.outreach",
    "jifen.insight",
    "jifen.faces.importing",
    "jifen.faces.exporting",
    "jifen.faces.jobs",
    "procrastinate.contrib.django",
    # For the files of its API documentation page, which come from here and from no CDN.
    "dmr",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
ROOT_URLCONF = "jifen.config.urls"
WSGI_APPLICATION = "jifen.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "faces" / face / "templates" for face in ("api", "docs")],
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# An activity has up to a few hundred lines, and a request up to 1,000 activities.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
APPEND_SLASH = False

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
_RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_RULES}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_RULES}.CommonPasswordValidator"},
    {"NAME": f"{_RULES}.NumericPasswordValidator"},
    {
        "NAME": f"{_RULES}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "name")},
    },
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "faces" / face / "static" for face in ("api", "console", "docs")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
# Their names change with what is in them.
WHITENOISE_IMMUTABLE_FILE_TEST = "^/static/console/assets/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "jifen.common.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "jifen": {"level": "INFO"},
        # Its own handler would print each refused request a second time.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
