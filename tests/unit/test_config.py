"""Settings that cannot work end the program at the start, in one sentence that names them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stimme.config import Config
from stimme.engines.translog import Cosigner

WITNESS = Cosigner.from_seed("x.example/witness", bytes(32)).vkey
LOG_STORE = (
    "STIMME_LOG_STORE must look like s3://bucket/prefix?endpoint=https://store.example&region=name"
)


@pytest.mark.parametrize(
    "variable, value, complaint",
    [
        ("STIMME_URL", "stimme.example", "STIMME_URL must look like https://stimme.example"),
        ("STIMME_URL", "https://a.example/b", "STIMME_URL must look like https://stimme.example"),
        (
            "STIMME_SMTP_URL",
            "mail.example",
            "STIMME_SMTP_URL must look like smtps://user:password@mail.example",
        ),
        ("STIMME_TIME_ZONE", "Mars", "STIMME_TIME_ZONE must be a name like Europe/Zurich"),
        (
            "STIMME_DATABASE_URL",
            "mysql://host/name",
            "STIMME_DATABASE_URL must begin with postgresql:// or sqlite://",
        ),
        ("STIMME_LOG_STORE", "https://store.example/bucket", LOG_STORE),
        ("STIMME_LOG_STORE", "s3://", LOG_STORE),
        ("STIMME_LOG_STORE", "s3://key:secret@bucket", LOG_STORE),
        ("STIMME_LOG_STORE", "s3://bucket?endpoint=http://store.example", LOG_STORE),
        ("STIMME_LOG_STORE", "s3://bucket?end=https://store.example", LOG_STORE),
        (
            "STIMME_WITNESS_POLICY",
            "/nowhere",
            "STIMME_WITNESS_POLICY cannot be read: no such file or directory",
        ),
        (
            "STIMME_SEAL_INTERVAL",
            "0",
            "STIMME_SEAL_INTERVAL: Input should be greater than or equal to 1",
        ),
    ],
)
def test_a_wrong_setting_is_named(
    variable: str, value: str, complaint: str, tmp_path: Path
) -> None:
    assert seal(STIMME_HOME=str(tmp_path), **{variable: value}) == (1, f"stimme: {complaint}\n")


def test_a_home_that_is_no_directory_is_named(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.touch()
    assert seal(STIMME_HOME=str(home)) == (
        1,
        f"stimme: STIMME_HOME cannot be used: [Errno 17] File exists: '{home}'\n",
    )


@pytest.mark.parametrize("url", ["https://stimme.example", "https://stimme.example/"])
def test_the_log_is_named_after_the_address(url: str) -> None:
    assert Config(url=url).origin == "stimme.example/log"


def test_the_key_of_the_log_store_is_never_shown() -> None:
    config = Config(log_store="s3://bucket/a/b/", log_store_key="id", log_store_secret="secret")
    assert config.log_bucket() == {
        "bucket_name": "bucket",
        "location": "a/b",
        "access_key": "id",
        "secret_key": "secret",
    }
    assert "secret=" not in repr(config)
    assert Config().log_bucket() is None


@pytest.mark.parametrize(
    "lines, complaint",
    [
        ("quorum X\n", "STIMME_WITNESS_POLICY is no policy: Line 1: 'X' is not defined above."),
        (
            f"witness X {WITNESS}\nquorum X\n",
            "STIMME_WITNESS_POLICY needs an https address for 'X'",
        ),
        (
            f"witness X {WITNESS} http://x.example/witness\nquorum X\n",
            "STIMME_WITNESS_POLICY needs an https address for 'X'",
        ),
    ],
)
def test_a_policy_that_cannot_be_used_is_named(lines: str, complaint: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text(lines)
    home = str(tmp_path / "home")
    assert seal(STIMME_HOME=home, STIMME_WITNESS_POLICY=str(policy)) == (
        1,
        f"stimme: {complaint}\n",
    )


def seal(**own: str) -> tuple[int, str]:
    """What `stimme seal` answers, with no other setting than these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
    done = subprocess.run(
        [sys.executable, "-m", "stimme", "seal"],
        env={**kept, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr
