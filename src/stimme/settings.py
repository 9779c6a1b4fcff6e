"""Django's settings, made from `stimme.config` and the key files."""

from stimme import config, keys

STIMME = config.load()
STIMME.home.mkdir(parents=True, exist_ok=True)

DEBUG = STIMME.debug
SECRET_KEY = keys.load(STIMME.keys_dir, "django").hex()
ALLOWED_HOSTS = sorted({STIMME.address.hostname or "", "127.0.0.1", "localhost", "[::1]"})
CSRF_TRUSTED_ORIGINS = [f"{STIMME.address.scheme}://{STIMME.address.netloc}"]

INSTALLED_APPS = [
    "stimme.web",
    "stimme.apps.accounts",
    "stimme.apps.ballot",
    "stimme.apps.organisations",
    "stimme.apps.deliberation",
    "stimme.apps.causes",
    "stimme.apps.ledger",
    "stimme.apps.moderation",
    "stimme.apps.rooms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "stimme.web.middleware.state_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "stimme.web.middleware.keep_private",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "stimme.web.middleware.limit_body",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "stimme.web.middleware.explain_addresses",
    "stimme.web.middleware.ExplainStore",
]

ROOT_URLCONF = "stimme.urls"
WSGI_APPLICATION = "stimme.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stimme.web.context.instance",
            ],
            "builtins": ["django.templatetags.i18n", "stimme.web.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": STIMME.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": _MEMORY},
    # What pages consist of that is the same for everybody.
    "template_fragments": {
        "BACKEND": _MEMORY,
        "LOCATION": "fragments",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
    "log": {"BACKEND": _MEMORY, "LOCATION": "log", "OPTIONS": {"MAX_ENTRIES": 100}},
}

LANGUAGES = [("de", "Deutsch"), ("fr", "Français"), ("it", "Italiano"), ("en", "English")]
LANGUAGE_CODE = STIMME.language
LOCALE_PATHS = [str(config.Path(__file__).parent / "locale")]
LANGUAGE_COOKIE_NAME = config.LANGUAGE_COOKIE
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = ["stimme.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = STIMME.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = STIMME.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Bodies: forms are small, and nothing is uploaded yet.
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

SESSION_ENGINE = "stimme.apps.accounts.sessions"
SESSION_COOKIE_NAME = config.SESSION_COOKIE
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "stimme_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = STIMME.secure
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS does it; it alone sees plain requests
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if STIMME.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if STIMME.proxies else None
X_FRAME_OPTIONS = "DENY"
# Neighbouring paths or sibling domains do not belong to the instance; it states them itself.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["stimme.apps.accounts.backends.Backend"]
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "stimme.apps.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = {
    "login": "stimme.apps.accounts.forms.SignInForm",
    "confirm_login_code": "stimme.apps.accounts.forms.CodeForm",
    "confirm_email_verification_code": "stimme.apps.accounts.forms.AddressCodeForm",
    "add_email": "stimme.apps.accounts.forms.ChangeAddressForm",
}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
# Mail may take its time; the code itself is strong enough to wait for it.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_TIMEOUT = 60 * 60  # longer: a code that ran out is explained, not forgotten
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
# Ours instead (accounts/limits.py): allauth counts in each process, and shuts a school out.
ACCOUNT_RATE_LIMITS = False
ALLAUTH_TRUSTED_PROXY_COUNT = STIMME.proxies
MFA_ADAPTER = "stimme.apps.accounts.adapter.PasskeyAdapter"
MFA_FORMS = {
    "add_webauthn": "stimme.apps.accounts.forms.PasskeyForm",
    "edit_webauthn": "stimme.apps.accounts.forms.RenamePasskeyForm",
    "login_webauthn": "stimme.apps.accounts.forms.PasskeySignInForm",
}
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_RATE_LIMITS = False  # nobody guesses a passkey, and trying one sends no mail
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not STIMME.secure

DEFAULT_FROM_EMAIL = STIMME.mail_from
SERVER_EMAIL = STIMME.mail_from
globals().update(STIMME.mail())

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # They would note every request of a client, and which passkey signed in when.
        "httpx": {"level": "WARNING"},
        "fido2": {"level": "WARNING"},
        # Anybody can ask under any name, and each time would leave fifteen lines.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
