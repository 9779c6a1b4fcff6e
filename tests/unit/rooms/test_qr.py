import re

from qrcode import ERROR_CORRECT_M, QRCode

from stimme.apps.rooms.qr import qr_svg

ADDRESS = "https://stimme.example/rooms/KMT4-PQ7X/"


def modules(svg: str) -> list[list[bool]]:
    """The dark and light modules of a drawing, read back from its rectangles."""
    size = int(re.findall(r'viewBox="0 0 (\d+) ', svg)[0])
    drawn = [[False] * size for _ in range(size)]
    path = re.findall(r' d="([^"]*)"', svg)[0]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert width == back
        for column in range(int(x), int(x) + int(width)):
            drawn[int(y)][column] = True
    return drawn


def test_every_module_is_drawn_where_it_belongs() -> None:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(ADDRESS)
    code.make()
    assert modules(qr_svg(ADDRESS, label="")) == code.get_matrix()


def test_four_modules_around_it_are_light() -> None:
    drawn = modules(qr_svg(ADDRESS, label=""))
    edge = [*drawn[:4], *drawn[-4:], *([*row[:4], *row[-4:]] for row in drawn)]
    assert not any(map(any, edge))


def test_it_is_dark_on_light_whatever_the_page_is() -> None:
    svg = qr_svg(ADDRESS, label="")
    assert re.findall(r'fill="([^"]+)"', svg) == ["#fff", "#000"]


def test_a_screen_reader_says_the_label() -> None:
    assert 'role="img" aria-label="To &lt;the&gt; room"' in qr_svg(ADDRESS, label="To <the> room")
