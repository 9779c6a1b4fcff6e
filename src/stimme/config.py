"""What an operator can set: environment variables named STIMME_…, checked at start."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stimme.engines.translog import Policy, PolicyError, parse_policy

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

# The door reads them without Django.
SESSION_COOKIE = "stimme_session"
LANGUAGE_COOKIE = "stimme_language"
Language = Literal["de", "fr", "it", "en"]
LANGUAGE_CODES: tuple[str, ...] = get_args(Language)
# FULL: a commit has reached the disk before the vote is acknowledged.
SQLITE_DURABLE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


class Config(BaseSettings):
    """The settings of one instance. Every field is documented in docs/operate/settings.md."""

    model_config = SettingsConfigDict(env_prefix="STIMME_", extra="ignore", frozen=True)

    home: Path = Path("var")
    url: Annotated[str, BeforeValidator(_without_slash)] = "http://localhost:8000"
    name: str = Field(default="Stimme", max_length=60)
    operator: str = Field(default="", max_length=200)
    contact: str = Field(default="", max_length=200)
    # Both may hold a password: neither a traceback nor a log shows them.
    database_url: str = Field(default="", repr=False)
    smtp_url: str = Field(default="", repr=False)
    mail_from: str = "stimme@localhost"
    language: Language = "de"
    time_zone: str = "Europe/Zurich"
    demo: bool = False
    debug: bool = False
    seal_interval: int = Field(default=60, ge=1, description="seconds between two sealings")
    seal_min_batch: int = Field(default=20, ge=1, description="voters a batch waits for")
    promise_deadline: int = Field(default=600, ge=10, description="seconds until a line is public")
    causes_per_day: int = Field(default=5, ge=1, description="causes one account may start in 24 h")
    sign_ins_per_minute: int = Field(default=60, ge=1, description="of one network, unproven")
    refused_domains: str = Field(default="", description="mail domains without new accounts")
    allowed_domains: str = Field(default="", description="mail domains with them all the same")
    log_store: str = Field(default="", description="a bucket for the files of the log")
    log_store_key: str = Field(default="", repr=False)
    log_store_secret: str = Field(default="", repr=False)
    witness_policy: str = Field(default="", description="file that names witnesses and quorum")
    witness_for: str = Field(default="", description="keys of the logs this instance witnesses")
    proxies: int = Field(default=0, ge=0, description="trusted reverse proxies in front")

    @model_validator(mode="after")
    def _url_is_plain(self) -> "Config":
        parts = urlsplit(self.url)
        beside = parts.path or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not parts.netloc or beside:
            message = "STIMME_URL must look like https://stimme.example"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _promises_leave_time_to_seal(self) -> "Config":
        if self.promise_deadline < 2 * self.seal_interval:
            message = "STIMME_PROMISE_DEADLINE must be at least twice STIMME_SEAL_INTERVAL"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _mail_has_a_server(self) -> "Config":
        parts = urlsplit(self.smtp_url)
        schemes = {"smtp", "smtps", "smtp+starttls"}
        if self.smtp_url and (parts.scheme not in schemes or not parts.hostname):
            message = "STIMME_SMTP_URL must look like smtps://user:password@mail.example"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _time_zone_is_known(self) -> "Config":
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            message = "STIMME_TIME_ZONE must be a name like Europe/Zurich"
            raise ValueError(message) from error
        return self

    @model_validator(mode="after")
    def _log_store_is_a_bucket(self) -> "Config":
        self.log_bucket()
        return self

    @model_validator(mode="after")
    def _policy_can_be_used(self) -> "Config":
        self.policy()
        return self

    @cached_property
    def address(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def secure(self) -> bool:
        return self.address.scheme == "https"

    @property
    def origin(self) -> str:
        """Name of the public log: the scheme-less URL prefix of its resources."""
        return f"{self.address.netloc}/log"

    @property
    def log_dir(self) -> Path:
        return self.home / "log"

    @property
    def keys_dir(self) -> Path:
        return self.home / "keys"

    def database(self) -> dict[str, Any]:
        """Django's DATABASES entry: SQLite in the home directory unless a URL is given."""
        if not self.database_url:
            return _sqlite(self.home / "stimme.sqlite3")
        parts = urlsplit(self.database_url)
        if parts.scheme == "sqlite":
            return _sqlite(Path(unquote(parts.path)))
        if parts.scheme in {"postgresql", "postgres"}:
            return _postgresql(parts)
        message = "STIMME_DATABASE_URL must begin with postgresql:// or sqlite://"
        raise ValueError(message)

    def log_bucket(self) -> dict[str, str] | None:
        """Options of Django's storage for S3, or None where the log lies in a directory.

        Without a key of our own, those that programs for S3 usually find are used.
        """
        if not self.log_store:
            return None
        own = {"access_key": self.log_store_key, "secret_key": self.log_store_secret}
        options = _bucket(urlsplit(self.log_store)) | own
        return {name: value for name, value in options.items() if value}

    def policy(self) -> Policy | None:
        """The witnesses of this log and their quorum, read anew each time; None without a file.

        Raises ValueError with a sentence that names what is wrong with it.
        """
        if not self.witness_policy:
            return None
        try:
            policy = parse_policy(Path(self.witness_policy).read_bytes())
        except OSError as error:
            fault = (error.strerror or "no reason").lower()
            raise ValueError(f"STIMME_WITNESS_POLICY cannot be read: {fault}") from error
        except PolicyError as error:
            raise ValueError(f"STIMME_WITNESS_POLICY is no policy: {error}") from error
        for one in policy.witnesses:
            if not is_private_way(one.url):
                message = f"STIMME_WITNESS_POLICY needs an https address for {one.name!r}"
                raise ValueError(message)
        return policy

    def mail(self) -> dict[str, Any]:
        """Django's EMAIL_* settings; without STIMME_SMTP_URL messages go to the terminal."""
        if not self.smtp_url:
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        parts = urlsplit(self.smtp_url)
        return {
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parts.scheme == "smtp+starttls",
            "EMAIL_TIMEOUT": 10,
        }


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,  # opening it costs more than all queries of a page
        "OPTIONS": {
            # A writer takes its lock at BEGIN: no deadlock between two that read first.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_DURABLE,
        },
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _bucket(parts: SplitResult) -> dict[str, str]:
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    endpoint, region = given.pop("endpoint", ""), given.pop("region", "")
    well_formed = parts.scheme == "s3" and parts.netloc and not parts.username and not given
    if not well_formed or (endpoint and not is_private_way(endpoint)):
        message = (
            "STIMME_LOG_STORE must look like "
            "s3://bucket/prefix?endpoint=https://store.example&region=name"
        )
        raise ValueError(message)
    return {
        "bucket_name": parts.netloc,
        "location": parts.path.strip("/"),
        "endpoint_url": endpoint,
        "region_name": region,
    }


def is_private_way(url: str) -> bool:
    """Whether nobody on the way can read or change what is sent: https, or this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def load() -> Config:
    """Read the environment; the home directory is made absolute.

    Raises pydantic.ValidationError, whose text names the variable and what is wrong with it.
    """
    config = Config()
    return config.model_copy(update={"home": config.home.expanduser().absolute()})
