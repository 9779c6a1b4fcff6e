"""Where `stimme serve` and `stimme demo` may listen."""

import socket
from pathlib import Path

import pytest

from stimme.cli import command_of, listening


def test_a_port_that_another_listens_on_is_not_shared() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as server:
        port = server.getsockname()[1]
        with pytest.raises(SystemExit) as refusal:
            listening.need_free("127.0.0.1", port, otherwise="take another")
    assert refusal.value.code == f"stimme: port {port} is in use; take another"


def test_an_address_of_another_machine_is_refused_in_one_sentence() -> None:
    with pytest.raises(SystemExit) as refusal:
        listening.need_free("192.0.2.1", 8000, otherwise="take another")
    assert refusal.value.code == "stimme: 192.0.2.1, port 8000: Cannot assign requested address"


def test_the_socket_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "pages"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    listening.need_free_socket(path)
    assert not path.exists()


def test_a_socket_that_another_listens_on_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pages"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        with pytest.raises(SystemExit) as refusal:
            listening.need_free_socket(path)
    assert refusal.value.code == f"stimme: somebody listens on {path} already"
    assert path.exists()


@pytest.mark.parametrize(
    "option, value, complaint",
    [
        ("--port", "99999", "a port is a number from 1 to 65535"),
        ("--port", "0", "a port is a number from 1 to 65535"),
        ("--port", "http", "invalid port value: 'http'"),
        ("--workers", "0", "at least 1"),
        ("--threads", "-1", "at least 1"),
        ("--host", "localhost", "an IP address is needed, like 127.0.0.1"),
    ],
)
def test_what_is_no_address_or_number_is_named(
    option: str, value: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, parser = command_of("serve")
    with pytest.raises(SystemExit) as refusal:
        parser.parse_args([option, value])
    said = capsys.readouterr().err.splitlines()[-1]
    assert (refusal.value.code, said) == (
        2,
        f"stimme serve: error: argument {option}: {complaint}",
    )
