"""Superset's settings: no default password, nothing from the network, Chinese first.

Every secret is a file of the folder SUPERSET_SECRETS, for `make superset` and for the compose stack alike.
Superset keeps no password of the warehouse: a connection of the bundle names its reader, and the server's address and
the reader's password are put in when it connects.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

SECRETS = Path(os.environ["SUPERSET_SECRETS"])


def read_secret(name: str) -> str:
    """The content of a secret's file. Raises SystemExit with one line where it is missing or empty."""
    path = SECRETS / name
    value = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    if not value:
        raise SystemExit(f"the secret {path} is missing or empty / 缺少密钥文件 {path}")
    return value


SECRET_KEY = read_secret("superset_secret_key")

# --- Where Superset keeps its own data, and where the warehouse is served ---------------------------------------------
METADATA_HOST = os.environ.get("SUPERSET_METADATA_HOST", "127.0.0.1")
METADATA_PORT = int(os.environ.get("SUPERSET_METADATA_PORT", "5432"))
SQLALCHEMY_DATABASE_URI = URL.create(
    "postgresql+psycopg2",
    username="superset",
    password=read_secret("superset_metadata_password"),
    host=METADATA_HOST,
    port=METADATA_PORT,
    database="superset",
).render_as_string(hide_password=False)
SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": 4, "max_overflow": 2, "pool_pre_ping": True}

# Reader of the warehouse -> the file of its password.
READERS = {"bi_county": "bi_county_password", "bi_research": "bi_research_password"}


def DB_CONNECTION_MUTATOR(
    uri: URL, params: dict[str, Any], username: str | None, security_manager: Any, source: Any
) -> tuple[URL, dict[str, Any]]:
    """The connection of the bundle with the address of this warehouse and its reader's password."""
    if uri.username not in READERS:
        return uri, params
    return uri.set(
        password=read_secret(READERS[uri.username]),
        host=os.environ.get("SCHOOLHOUSE_PG_HOST", "127.0.0.1"),
        port=int(os.environ.get("SCHOOLHOUSE_PG_PORT", "5432")),
        database=os.environ.get("SCHOOLHOUSE_PG_DATABASE", "schoolhouse"),
    ), params


# --- Language, numbers, fonts -----------------------------------------------------------------------------------------
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
CURRENCIES = ["CNY"]
APP_NAME = "教育数据看板"
FONTS = "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
THEME_DEFAULT = {
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": "/static/assets/images/superset-logo-horiz.png",
        "brandLogoHref": "/dashboard/list/",
        "brandLogoMargin": "18px 0",
        "brandLogoHeight": "24px",
        "colorPrimary": "#1f6f8b",
        "colorLink": "#1f6f8b",
        "colorError": "#b5402d",
        "colorWarning": "#d9a441",
        "colorSuccess": "#2c7a5a",
        "fontUrls": [],
        "fontFamily": FONTS,
        "fontFamilyCode": "'Noto Sans Mono CJK SC', Consolas, monospace",
    },
    "algorithm": "default",
}
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []

# The colours of the edition's report: what is met, at risk, missed, unknown.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "schoolhouse",
        "description": "报告的配色",
        "label": "报告配色",
        "isDefault": True,
        "colors": ["#1f6f8b", "#d9a441", "#2c7a5a", "#b5402d", "#7a6a9c", "#8aa1ad", "#c98b5b", "#4f7d3a"],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "schoolhouse_level",
        "description": "低于标准为红，达到标准为绿",
        "label": "达标程度",
        "isDiverging": True,
        "isDefault": False,
        "colors": ["#b5402d", "#e0906f", "#f3dcb8", "#a9cfb4", "#2c7a5a"],
    },
    {
        "id": "schoolhouse_depth",
        "description": "数值越大颜色越深",
        "label": "深浅",
        "isDiverging": False,
        "isDefault": False,
        "colors": ["#f1f6f8", "#a9cbd6", "#5f9db3", "#1f6f8b"],
    },
]

# --- Nothing leaves the machine, nothing comes from elsewhere ---------------------------------------------------------
_OURS = ["'self'"]
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": _OURS,
        "default-src": _OURS,
        "img-src": [*_OURS, "blob:", "data:"],
        "worker-src": [*_OURS, "blob:"],
        "connect-src": _OURS,
        "object-src": "'none'",
        "style-src": [*_OURS, "'unsafe-inline'"],
        "font-src": [*_OURS, "data:"],
        "script-src": [*_OURS, "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    # TLS is the business of the proxy in front, where there is one.
    "force_https": False,
    "session_cookie_secure": False,
}
MAPBOX_API_KEY = ""
# Superset's pages do not start without one.
DECKGL_BASE_MAP = [["", "无底图"]]
FEATURE_FLAGS = {
    "ALERT_REPORTS": False,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "SLACK_ENABLE_AVATARS": False,
    "TAGGING_SYSTEM": False,
    "THUMBNAILS": False,
}
DATASET_IMPORT_ALLOWED_DATA_URLS: list[str] = []

# --- Who gets in ------------------------------------------------------------------------------------------------------
AUTH_USER_REGISTRATION = False
PUBLIC_ROLE_LIKE = None
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
PERMANENT_SESSION_LIFETIME = timedelta(hours=8)
FAB_PASSWORD_COMPLEXITY_ENABLED = True

# --- One process, a few threads ---------------------------------------------------------------------------------------
# A load of the zones replaces the tables: what is older than ten minutes is asked again.
_CACHE = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 600, "CACHE_THRESHOLD": 500}
CACHE_CONFIG = _CACHE
DATA_CACHE_CONFIG = _CACHE
RATELIMIT_STORAGE_URI = "memory://"
CELERY_CONFIG = None
ROW_LIMIT = 5000
SQLLAB_CTAS_NO_LIMIT = False
# As long as PostgreSQL lets a reader's statement run.
SUPERSET_WEBSERVER_TIMEOUT = 300
