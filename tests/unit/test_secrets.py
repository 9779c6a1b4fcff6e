import os
from concurrent.futures import ThreadPoolExecutor
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
    directory = tmp_path / "keys"
    key = keys.load(directory, "log")
    files = [(directory / name).stat() for name in keys.NAMES]
    assert synced == [
        *(file.st_ino for file in files),
        directory.stat().st_ino,
        tmp_path.stat().st_ino,
    ]
    assert {file.st_mode & 0o777 for file in files} == {0o600}
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / "log").read_bytes() == key


@pytest.mark.parametrize("name", keys.NAMES)
def test_a_lost_key_is_never_made_anew(tmp_path: Path, name: str) -> None:
    keys.load(tmp_path / "keys", "django")
    (tmp_path / "keys" / name).unlink()
    keys.load.cache_clear()
    with pytest.raises(ValueError, match="restore it from your backup"):
        keys.load(tmp_path / "keys", name)


def test_of_two_that_make_the_keys_one_wins(tmp_path: Path) -> None:
    def one(_number: int) -> bytes:
        return keys.load.__wrapped__(tmp_path / "keys", "pseudonym")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(8)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_a_settings_object_shows_no_password() -> None:
    config = Config(
        database_url="postgresql://stimme:geheim@db/stimme", smtp_url="smtps://stimme:geheim@mail"
    )
    assert "geheim" not in f"{config!r} {config}"
