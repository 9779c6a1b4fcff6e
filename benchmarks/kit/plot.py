"""One line in an SVG: text labels, the colours of the page around it, nothing loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

_WIDTH, _HEIGHT = 640, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 20, 60
# Page colours where the SVG is part of a page; where it is an image, the reader's own choice.
_STYLE = (
    "svg{color:#1a1a1a}@media(prefers-color-scheme:dark){svg{color:#f2f2f2}}"
    "text{fill:currentColor;font:14px system-ui,sans-serif}"
)


@dataclass(frozen=True, slots=True)
class Plot:
    """`points` are (x, y) with x from 10 upwards on a logarithmic axis; y begins at 0."""

    title: str
    x_label: str
    y_label: str
    points: Sequence[tuple[float, float]]

    def svg(self) -> str:
        parts = [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
                f'role="img" aria-labelledby="t d">'
            ),
            f'<title id="t">{escape(self.title)}</title>',
            f'<desc id="d">{escape(self._told())}</desc>',
            f"<style>{_STYLE}</style>",
            *self._axes(),
            *self._line(),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _told(self) -> str:
        points = "; ".join(f"{x:,.0f}: {y:.0f}" for x, y in self.points)
        return f"{self.y_label}, by {self.x_label}: {points}."

    def _x(self, value: float) -> float:
        first, last = log10(self.points[0][0]), log10(self.points[-1][0])
        share = (log10(value) - first) / ((last - first) or 1)
        return _LEFT + 20 + share * (_WIDTH - _LEFT - _RIGHT - 60)

    def _y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value / self._top * (_HEIGHT - _TOP - _BOTTOM)

    @property
    def _top(self) -> float:
        """The end of the y axis: four round steps, with room above the highest point."""
        wanted = max(y for _, y in self.points) * 1.15 / 4
        unit = 10 ** floor(log10(wanted))
        return 4 * unit * next(step for step in (1, 2, 2.5, 5, 10) if step * unit >= wanted)

    def _axes(self) -> list[str]:
        base, right = self._y(0), _WIDTH - _RIGHT
        marks = [self._top * quarter / 4 for quarter in range(5)]
        grid = [
            f'<path d="M{_LEFT} {self._y(y):.1f}H{right}" stroke="currentColor" opacity=".2"/>'
            f'<text x="{_LEFT - 8}" y="{self._y(y) + 5:.1f}" text-anchor="end">{y:,.0f}</text>'
            for y in marks
        ]
        steps = [
            f'<text x="{self._x(x):.1f}" y="{base + 22:.1f}" text-anchor="middle">{x:,.0f}</text>'
            for x, _ in self.points
        ]
        middle = (_LEFT + right) / 2
        x_label = (
            f'<text x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle">{self.x_label}</text>'
        )
        turn = f'transform="translate(16 {(_TOP + base) / 2:.1f}) rotate(-90)"'
        y_label = f'<text {turn} text-anchor="middle">{self.y_label}</text>'
        return [*grid, *steps, x_label, y_label]

    def _line(self) -> list[str]:
        places = [(self._x(x), self._y(y), y) for x, y in self.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
        dots = [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="currentColor"/>'
            f'<text x="{x:.1f}" y="{y - 10:.1f}" text-anchor="middle">{value:.0f}</text>'
            for x, y, value in places
        ]
        line = f'<polyline points="{path}" fill="none" stroke="currentColor" stroke-width="2"/>'
        return [line, *dots]
