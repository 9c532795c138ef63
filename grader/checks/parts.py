"""Verdicts that are made of parts: each thing that was asked for earns its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.records import Exhibit, Place, Verdict


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was asked for.

    Attributes:
        share: Earned for it, from 0 to 1; None where it could not be seen, which neither gives nor takes.
        text: What was seen and what was expected.
        hint: What to do where it is not all there.
        place: Where in the code it was seen, if that is another place than that of the whole.
    """

    share: float | None
    text: str
    hint: str = ""
    place: Place | None = None


def mean(parts: Sequence[Part]) -> float | None:
    """The mean share of what could be seen, every part with the same weight; None if nothing could."""
    seen = [part.share for part in parts if part.share is not None]
    return sum(seen) / len(seen) if seen else None


def in_parts(
    looked: str, parts: Sequence[Part], exhibits: tuple[Exhibit, ...] = (), place: Place | None = None
) -> Verdict:
    """The verdict over some parts.

    Args:
        looked: A sentence on what was looked at.
        parts: At least one.
        exhibits: To show beside it.
        place: Of what was looked at; that of the first lost part goes before it.
    """
    share = mean(parts)
    text = " ".join(filter(None, [looked, *(part.text for part in parts)]))
    if share is None:
        return Verdict(None, f"{text} A person will look.", exhibits=exhibits, place=place)
    lost = [part for part in parts if part.share is not None and part.share < 1]
    hints = " ".join(part.hint for part in lost if part.hint)
    places = [*(part.place for part in lost), place, *(part.place for part in parts)]
    return Verdict(share, text, hints, exhibits, place=next(filter(None, places), None))
