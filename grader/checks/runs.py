"""The check `runs`."""

from __future__ import annotations

from grader.checks.absence import absent, cause, failed_runs, lacked, never_ran, stopped_at
from grader.checks.registry import Parameters, check
from grader.records import Evidence, Observation, Verdict


class RunsParameters(Parameters):
    """It has no parameters."""


@check("runs")
def runs(evidence: Evidence, parameters: RunsParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Does your code run?

    All code cells of your answer are run in the order of your file, after the cells before them. You get the share of
    the cells that run to their end. An answer without code gets nothing, and neither does code of which nothing comes:
    no model, no training, no figure, no function and no number. If a cell fails only because an earlier one failed,
    the earlier one is named. If a cell fails because the grading environment lacked a file, a package or a download,
    a person looks at it: that costs you nothing.
    """
    cells = evidence.question.runs
    hint = "Hand in the code you ran."
    if not cells:
        return absent(evidence, "There is no code in this answer that does anything.", hint)
    if _fruitless(evidence.question.observation):
        came = "no model, training, figure, function or value came of it"
        return absent(evidence, f"There is no code in this answer that does anything: {came}.", hint)
    failed = failed_runs(evidence)
    if not failed:
        count = "The code cell" if len(cells) == 1 else f"All {len(cells)} code cells"
        return Verdict(1.0, f"{count} of this answer ran to the end, in {evidence.question.seconds:.1f} s.")
    what = f"{len(cells) - len(failed)} of {len(cells)} code cells ran to the end."
    if lacked(evidence) or never_ran(evidence):
        return absent(evidence, what)
    hint = "Mend the first cell that fails, then run all of them again."
    text, share = f"{what} {cause(evidence)}".strip(), 1 - len(failed) / len(cells)
    return Verdict(share, text, hint, place=stopped_at(evidence))


def _fruitless(seen: Observation | None) -> bool:
    """Nothing came of the code. Where the probe could not look, nothing is known."""
    return seen is not None and not (seen.models or seen.trainings or seen.figures or seen.functions or seen.values)
