"""What stands beside a verdict: a bar for a measurement, the telling rows of a layer table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from grader.records import LayerTable, Measurement
from grader.report import wording

# --- measurements ---------------------------------------------------------------------------------------------------

Zone = Literal["none", "part", "full"]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Mark:
    """A value on a bar: its place in per cent of the width, its text, and the side on which the text fits."""

    at: float
    text: str
    anchor: Anchor


@dataclass(frozen=True)
class Band:
    """A stretch of a bar, in per cent of the width."""

    start: float
    width: float
    zone: Zone = "none"


@dataclass(frozen=True)
class Bar:
    """A measurement as a drawing."""

    zones: tuple[Band, ...]
    measured: Mark | None
    claimed: Mark | None
    interval: Band | None
    text: str


def bar(measurement: Measurement) -> Bar | None:
    """The drawing of a measurement; None where there is nothing to compare: one number needs no picture."""
    m = measurement
    shown, asked = _finite(m.measured, m.claimed), _finite(m.no_credit, m.full_credit)
    if not shown or (len(shown) < 2 and len(asked) < 2):
        return None
    scale = _Scale.over(m)
    interval = None
    if m.low is not None and m.high is not None and _finite(m.low, m.high) == [m.low, m.high]:
        interval = _band(scale, m.low, m.high)
    return Bar(
        zones=_zones(scale, m),
        measured=_mark(scale, m, m.measured, "measured"),
        claimed=_mark(scale, m, m.claimed, "reported"),
        interval=interval,
        text=f"{m.name}: " + ", ".join(f"{name} {value}" for name, value in facts(m)),
    )


def facts(m: Measurement) -> list[tuple[str, str]]:
    """The numbers of a measurement in words, in the order in which a reader wants them."""
    named = [
        ("measured", m.measured),
        ("you reported", m.claimed),
        ("no points at", m.no_credit),
        ("expected" if m.no_credit is None else "all points at", m.full_credit),
    ]
    words = [(name, wording.quantity(v, m.unit, m.name)) for name, v in named if v is not None and math.isfinite(v)]
    if m.low is not None and m.high is not None and m.low != m.high:
        low, high = (wording.quantity(end, m.unit, m.name) for end in (m.low, m.high))
        words.insert(1, ("95 % interval", f"{low} to {high}"))
    return words


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    @classmethod
    def over(cls, m: Measurement) -> _Scale:
        """From 0 (or below) to the whole for shares, to a little more than the largest number for all else."""
        values = _finite(m.measured, m.claimed, m.low, m.high, m.no_credit, m.full_credit)
        whole = 1.0 if wording.is_share(m.unit, m.name) else 100.0 if m.unit == "%" else 0.0
        high = max(whole, max(values) * (1.0 if whole >= max(values) else 1.12))
        low = min(0.0, *values)
        return cls(low, high if high > low else low + 1.0)

    def at(self, value: float) -> float:
        return round(100 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low))), 2)

    def mark(self, value: float) -> float:
        """The place of a line, kept off the very ends, where half of it would be cut off."""
        return min(99.6, max(0.4, self.at(value)))


def _finite(*values: float | None) -> list[float]:
    return [v for v in values if v is not None and math.isfinite(v)]


def _band(scale: _Scale, start: float, end: float, zone: Zone = "none") -> Band:
    left, right = sorted((scale.at(start), scale.at(end)))
    return Band(left, round(right - left, 2), zone)


def _zones(scale: _Scale, m: Measurement) -> tuple[Band, ...]:
    if len(_finite(m.no_credit, m.full_credit)) < 2 or m.no_credit is None or m.full_credit is None:
        return ()
    best, worst = (scale.high, scale.low) if m.full_credit >= m.no_credit else (scale.low, scale.high)
    return (
        _band(scale, worst, m.no_credit, "none"),
        _band(scale, m.no_credit, m.full_credit, "part"),
        _band(scale, m.full_credit, best, "full"),
    )


def _mark(scale: _Scale, m: Measurement, value: float | None, word: str) -> Mark | None:
    if value is None or not math.isfinite(value):
        return None
    at = scale.mark(value)
    anchor: Anchor = "start" if at < 25 else "end" if at > 75 else "middle"
    return Mark(at, f"{word} {wording.quantity(value, m.unit, m.name)}", anchor)


# --- layers ---------------------------------------------------------------------------------------------------------

SHORT_TABLE = 14
LONGEST_TABLE = 400
ROWS_BEFORE, ROWS_AFTER = 3, 4


def excerpt(table: LayerTable) -> range:
    """The rows to show at once: all of a short table, of a long one those around the first difference."""
    if len(table.rows) <= SHORT_TABLE:
        return range(len(table.rows))
    first = table.first_difference
    if first is None:
        return range(0)
    return range(max(0, first - ROWS_BEFORE), min(len(table.rows), first + ROWS_AFTER + 1))


def whole(table: LayerTable) -> range:
    """All rows, as far as a page can hold them."""
    return range(min(len(table.rows), LONGEST_TABLE))
