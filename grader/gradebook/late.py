"""What being late costs. Pure: times in, penalty out."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from grader.records import Grade, Lateness
from grader.rubric import LatePolicy

_DAY = 24.0


def lateness(grade: Grade, policy: LatePolicy | None, said: float | None, points: float) -> Lateness | None:
    """What is taken off a sum of points; None where nothing is.

    Args:
        grade: Tells when the hand-in came, or only that it was late, as the learning platform has it.
        policy: The rubric's; without one nothing is ever taken off.
        said: Hours after the deadline as a person said it; comes before all else.
        points: The sum from which a share is taken.
    """
    if policy is None:
        return None
    hours = said if said is not None else hours_late(grade, policy)
    if hours is None:
        return Lateness(None, 0.0, "Marked as late, but not by how much. A person decides what that costs.")
    if hours <= policy.grace_hours:
        return None
    days = math.ceil(hours / _DAY)
    percent = min(policy.at_most_percent, days * policy.percent_per_day)
    penalty = round(points * percent / 100, 2)
    begun = f"{days} days" if days > 1 else "1 day"
    words = f"Handed in {hours:.3g} hours after the deadline ({begun} begun): {percent:g} % of {points:g} points."
    return Lateness(hours, penalty, words)


def hours_late(grade: Grade, policy: LatePolicy) -> float | None:
    """Hours after the deadline; 0 for one in time, None for one that is late by nobody knows how much.

    The mark of a learning platform counts more than a time before the deadline: it may know of another deadline.
    """
    hours = 0.0
    if grade.handed_in and policy.due:
        handed_in = datetime.fromisoformat(grade.handed_in).astimezone(UTC)
        hours = max(0.0, (handed_in - policy.due).total_seconds() / 3600)
    return None if grade.late and hours == 0 else hours
