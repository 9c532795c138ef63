"""Points between two thresholds, and how sure a measured share is."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959964  # two-sided 95 % quantile of the normal distribution


def linear(value: float, no_credit: float, full_credit: float) -> float:
    """Share of the points: 0 at `no_credit`, 1 at `full_credit`, linear between, whichever of the two is larger."""
    if no_credit == full_credit:
        return float(value >= full_credit)
    return min(1.0, max(0.0, (value - no_credit) / (full_credit - no_credit)))


def wilson(correct: int, total: int) -> tuple[float, float]:
    """95 % interval of a share of which `correct` of `total` were seen.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference": it stays within 0 and 1 and
    is honest near both ends, unlike the textbook interval.
    """
    if total == 0:
        return 0.0, 1.0
    share, z2 = correct / total, Z_95**2
    centre = share + z2 / (2 * total)
    spread = Z_95 * sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    scale = 1 + z2 / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percent(share: float) -> str:
    """`0.986` as `98.6 %`."""
    return f"{100 * share:.1f} %"
