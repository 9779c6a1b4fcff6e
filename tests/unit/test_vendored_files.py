"""Fonts, icons and scripts of others are byte for byte what the manifest pins."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def vendor(tmp_path: Path) -> ModuleType:
    """The script, at work on a copy of the committed files."""
    spec = importlib.util.spec_from_file_location("vendor", REPOSITORY / "tools/vendor.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shutil.copytree(module.STATIC, tmp_path / "stimme")
    vars(module).update(STATIC=tmp_path / "stimme", MANIFEST=tmp_path / "stimme/vendor.json")
    return module


def test_the_committed_files_are_the_pinned_ones(vendor: ModuleType) -> None:
    vendor.check()


def test_a_changed_missing_or_extra_file_is_named(vendor: ModuleType) -> None:
    (vendor.STATIC / "icons/check.svg").write_text("<svg/>")
    (vendor.STATIC / "icons/x.svg").unlink()
    (vendor.STATIC / "fonts/extra.woff2").write_bytes(b"")

    with pytest.raises(vendor.VendorError) as caught:
        vendor.check()

    assert str(caught.value) == "not as pinned: fonts/extra.woff2, icons/check.svg, icons/x.svg"


def test_every_package_comes_with_its_licence(vendor: ModuleType) -> None:
    licences = sorted(path.name for path in vendor.STATIC.rglob("*LICENSE*"))

    assert licences == [
        "LICENSE.txt",
        "bip39-LICENSE.txt",
        "lean-qr-LICENSE.txt",
        "public-sans-LICENSE.txt",
        "source-serif-4-LICENSE.txt",
    ]
