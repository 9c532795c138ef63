"""What was found out about rubrics, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from grader.verify.outcome import Outcome, Verified
from grader.verify.seeds import Spread

SCHEMA = 1


def verified_data(all_verified: Sequence[Verified]) -> dict[str, Any]:
    """Plain values that JSON can hold, one entry per rubric."""
    return {"schema": SCHEMA, "rubrics": [_rubric(verified) for verified in all_verified]}


def _rubric(verified: Verified) -> dict[str, Any]:
    return {
        "assignment": verified.rubric.assignment,
        "rubric_hash": verified.rubric.hash,
        "profile": verified.profile,
        "good": verified.good,
        "seconds": round(verified.seconds, 1),
        "kept_runs": verified.kept,
        "untested": [f"{question}/{criterion}" for question, criterion in verified.untested],
        "unanswered": list(verified.unanswered),
        "criteria": [
            {
                "question": question,
                "criterion": criterion,
                "check": tally.check,
                "caught": tally.caught,
                "missed": tally.missed,
                "wrongly_punished": tally.punished,
                "trivial_caught": tally.trivial - tally.trivial_missed,
                "trivial_missed": tally.trivial_missed,
            }
            for (question, criterion), tally in verified.tallies.items()
        ],
        "cases": [_outcome(outcome) for outcome in verified.outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.case.kind,
        "name": outcome.case.name,
        "question": outcome.question,
        "about": outcome.case.about,
        "result": outcome.result,
        "points": outcome.points,
        "caught": list(outcome.caught),
        "missed": list(outcome.missed),
        "wrongly_punished": list(outcome.punished),
        "waiting": list(outcome.waiting),
        "reasons": list(outcome.reasons),
        "seconds": round(outcome.seconds, 2),
    }


def spreads_data(assignment: str, seeds: int, found: Sequence[Spread]) -> dict[str, Any]:
    """What was measured with several seeds."""
    return {"schema": SCHEMA, "assignment": assignment, "seeds": seeds, "spreads": [asdict(one) for one in found]}
