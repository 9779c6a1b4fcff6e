#!/usr/bin/env python3
"""Fetch what we ship of others, and check that the committed files are the pinned ones.

``tools/vendor.py``          packs each package with npm, checks its SHA-512, writes the files
``tools/vendor.py --check``  compares the committed files with the manifest; needs no network

Every file is stored byte for byte as upstream publishes it, so that anyone can repeat the check.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "src/stimme/web/static/stimme"
MANIFEST = STATIC / "vendor.json"
FOLDERS = ("fonts", "icons", "js/vendor")

# The icons that pages use. Names are Lucide's; a name that is not listed here is not shipped.
ICONS = """
    arrow-left arrow-right badge-check building-2 calendar check chevron-down chevron-left
    chevron-right circle-alert circle-check circle-dot circle-slash clock copy download
    external-link eye eye-off file-check file-text fingerprint flag flask-conical globe history
    hourglass import info key-round languages layers link list lock log-in log-out mail menu
    message-square-quote minus pencil plus printer receipt-text refresh-cw rss scale search
    shield-check stamp triangle-alert undo-2 user users x
""".split()  # noqa: SIM905 (sixty quoted names would be harder to read and sort)


class VendorError(Exception):
    """A package or a committed file is not what was pinned."""


@dataclass(frozen=True)
class Package:
    """One npm package, pinned by the SHA-512 of its tarball (hex)."""

    name: str
    version: str
    sha512: str
    files: dict[str, str]  # path below STATIC -> path inside the package


PACKAGES = (
    # One weight of each family: 36 kB together. What is spoken (demands, headings, choices,
    # numbers) is set in the serif, what explains in the sans; no third weight is needed.
    Package(
        "@fontsource/public-sans",
        "5.3.0",
        "9233832344b7cddbf4981602210f136c16b26a2aacce973651b84988eddb8c8a"
        "95557cdc59f1d2b76a3758108b398de3b9a19a428cb832858272099f239842b8",
        {
            "fonts/public-sans-400.woff2": "files/public-sans-latin-400-normal.woff2",
            "fonts/public-sans-LICENSE.txt": "LICENSE",
        },
    ),
    Package(
        "@fontsource/source-serif-4",
        "5.3.1",
        "7167130978d862b805f40ebb7d38558abd5549cd253c4626c10ea3038a4fb74d"
        "6cd8c4828bf99a20d51c6680b36aa9d4f1fc9445e0cef7b7867015241e039eba",
        {
            "fonts/source-serif-4-600.woff2": "files/source-serif-4-latin-600-normal.woff2",
            "fonts/source-serif-4-LICENSE.txt": "LICENSE",
        },
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "581640fe6d8fbe41693061c3b6c05c9393f603d1b87a12e562ee06c302027261"
        "26d41bd85608f4d25083c4a4562e56cc94e89b2da8b0750f3c1b9a479125a0c0",
        {
            **{f"icons/{name}.svg": f"icons/{name}.svg" for name in ICONS},
            "icons/LICENSE.txt": "LICENSE",
        },
    ),
    # The 2048 words of BIP-39, in which a voter's key is written down.
    Package(
        "@scure/bip39",
        "2.4.0",
        "f3677115b65461ba3239fd005e2c9db10ac543943887d997f8ed94904f7544e6"
        "26b1cd0128c1992f00e6cbde89a5adbebebb68c689a3521cb544f2201ffaf69c",
        {
            "js/vendor/bip39-english.js": "wordlists/english.js",
            "js/vendor/bip39-LICENSE.txt": "LICENSE",
        },
    ),
    # Draws those words as a QR code, in the browser: the server must never see them.
    Package(
        "lean-qr",
        "2.7.4",
        "b6530f15faa100064defe8ff763452be5ff6f80613dbeed146ecaaf1bbdc6d5f"
        "2032210d8ac72ab90f564df092c9e11dc6c55a101fad53b7bd9c5642eb70459d",
        {
            "js/vendor/lean-qr.js": "nano.mjs",
            "js/vendor/lean-qr-svg.js": "extras/svg.mjs",
            "js/vendor/lean-qr-LICENSE.txt": "LICENSE",
        },
    ),
)


def pack(package: Package, directory: Path) -> Path:
    """Return the path of the tarball that npm wrote.

    Raises VendorError when its SHA-512 is not the pinned one.
    """
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    done = subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True)
    tarball = directory / done.stdout.strip().splitlines()[-1]
    found = hashlib.sha512(tarball.read_bytes()).hexdigest()
    if found != package.sha512:
        message = f"{package.name}@{package.version}: expected {package.sha512}, found {found}"
        raise VendorError(message)
    return tarball


def unpack(package: Package, tarball: Path) -> dict[str, bytes]:
    """Return the wanted files of the package by their path below STATIC."""
    with tarfile.open(tarball) as archive:
        members = {
            target: archive.extractfile(f"package/{source}")
            for target, source in package.files.items()
        }
        return {target: member.read() for target, member in members.items() if member}


def fetch() -> dict[str, bytes]:
    """Return every vendored file, freshly packed."""
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as name:
        for package in PACKAGES:
            files |= unpack(package, pack(package, Path(name)))
    return files


def write(files: dict[str, bytes]) -> None:
    """Write the files, remove those no longer listed, and record the hashes."""
    for stale in set(committed()) - set(files):
        (STATIC / stale).unlink()
    for target, content in files.items():
        path = STATIC / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    hashes = {target: digest(content) for target, content in sorted(files.items())}
    MANIFEST.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")


def committed() -> dict[str, bytes]:
    """Return what lies in the vendored folders now."""
    found = [path for name in FOLDERS for path in STATIC.glob(f"{name}/*")]
    return {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in found}


def digest(content: bytes) -> str:
    """Return the SHA-256 in hex, as the manifest holds it."""
    return hashlib.sha256(content).hexdigest()


def check() -> None:
    """Raise VendorError naming each file that is missing, extra or changed."""
    expected = json.loads(MANIFEST.read_text(encoding="utf-8"))
    found = {target: digest(content) for target, content in committed().items()}
    listed = {target for package in PACKAGES for target in package.files}
    wrong = sorted(
        {target for target, _ in expected.items() ^ found.items()} | (listed ^ set(found))
    )
    if wrong:
        raise VendorError("not as pinned: " + ", ".join(wrong))


def main() -> int:
    """Return the exit code: 0 when all is as pinned."""
    parser = argparse.ArgumentParser(description="Fetch or check vendored files.")
    parser.add_argument("--check", action="store_true", help="compare offline, write nothing")
    try:
        if not parser.parse_args().check:
            write(fetch())
        check()
    except VendorError as error:
        sys.stderr.write(f"vendor: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
