"""QR codes as SVG: light on every screen, and readable without a script."""

from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode import ERROR_CORRECT_M, QRCode

_QUIET = 4  # modules of quiet zone, as ISO/IEC 18004 asks


def qr_svg(text: str, *, label: str) -> SafeString:
    """Return the code of `text`; `label` is what a screen reader says instead."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(text)
    code.make()
    matrix = code.get_matrix()
    return format_html(
        '<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{label}"'
        ' shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/>'
        '<path fill="#000" d="{path}"/></svg>',
        size=len(matrix),
        label=label,
        path="".join(_row(number, row) for number, row in enumerate(matrix)),
    )


def _row(number: int, row: list[bool]) -> str:
    """Draw each run of dark modules in a row as one rectangle."""
    path, at = "", 0
    for dark, run in groupby(row):
        length = len(list(run))
        path += f"M{at} {number}h{length}v1h-{length}z" if dark else ""
        at += length
    return path
