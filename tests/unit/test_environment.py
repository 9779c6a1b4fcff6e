import os
import socket
from pathlib import Path

import pytest


def test_home_is_a_directory_of_this_process_alone() -> None:
    assert Path(os.environ["STIMME_HOME"]).name.startswith("stimme-test-")


def test_sockets_beyond_loopback_are_refused() -> None:
    with socket.socket() as outside, pytest.raises(UserWarning, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))
