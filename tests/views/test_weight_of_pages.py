"""What a first view costs over a slow line: everything that the page itself makes one load."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from django.contrib.staticfiles import finders

from stimme.apps.causes.models import Cause
from tests.visitors import visitor

LIMIT = 60 * 1000
COMPRESSED_ALREADY = (".woff2", ".png")


def test_a_cause_page_weighs_at_most_60_kilobytes(cause: Cause) -> None:
    html = visitor().get(cause.get_absolute_url()).content.decode()
    files = sorted(linked(html))
    assert sum(name.endswith(".woff2") for name in files) == 2
    assert sum(name.endswith(".css") for name in files) == 3
    weights = {name: weight(content_of(name), name) for name in files}
    weights["the page"] = weight(html.encode(), "")
    assert sum(weights.values()) <= LIMIT, weights


def linked(html: str) -> set[str]:
    """Static files that the page links, and those that its style sheets name."""
    names = set(re.findall(r'(?:href|src)="/static/([^"]+)"', html))
    sheets = [name for name in names if name.endswith(".css")]
    return names | {found for sheet in sheets for found in named_in(content_of(sheet).decode())}


def named_in(sheet: str) -> Iterator[str]:
    for address in re.findall(r'url\("\.\./([^"]+)"\)', sheet):
        yield f"stimme/{address}"


def content_of(name: str) -> bytes:
    path = finders.find(name)
    assert path, name
    return Path(path).read_bytes()


def weight(content: bytes, name: str) -> int:
    return len(content if name.endswith(COMPRESSED_ALREADY) else gzip.compress(content, 6))
