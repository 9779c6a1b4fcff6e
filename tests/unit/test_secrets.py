import os
from pathlib import Path

import pytest

from stimme import keys
from stimme.config import Config


def test_a_new_key_is_durable_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.append(os.fstat(handle).st_ino)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    key = keys.load(tmp_path / "keys", "log")
    assert synced[1:] == [(tmp_path / "keys").stat().st_ino, tmp_path.stat().st_ino]
    assert (tmp_path / "keys" / "log").read_bytes() == key
    assert (tmp_path / "keys" / "log").stat().st_mode & 0o777 == 0o600


def test_a_settings_object_shows_no_password() -> None:
    config = Config(
        database_url="postgresql://stimme:geheim@db/stimme", smtp_url="smtps://stimme:geheim@mail"
    )
    assert "geheim" not in f"{config!r} {config}"
