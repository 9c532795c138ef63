"""The check `runs`."""

from __future__ import annotations

from grader.checks.absence import absent, cause, failed_runs, lacked, never_ran
from grader.checks.registry import Parameters, check
from grader.records import Evidence, Verdict


class RunsParameters(Parameters):
    """It has no parameters."""


@check("runs")
def runs(evidence: Evidence, parameters: RunsParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Does your code run?

    All code cells of your answer are run in the order of your file, after the cells before them. You get the share of
    the cells that run to their end. An answer without code, or with code that only prints fixed text, gets nothing. If
    a cell fails only because an earlier one failed, the earlier one is named. If a cell fails because the grading
    environment lacked a file, a package or a download, a person looks at it: that costs you nothing.
    """
    cells = evidence.question.runs
    if not cells:
        return absent(evidence, "There is no code in this answer that does anything.", "Hand in the code you ran.")
    failed = failed_runs(evidence)
    if not failed:
        count = "The code cell" if len(cells) == 1 else f"All {len(cells)} code cells"
        return Verdict(1.0, f"{count} of this answer ran to the end, in {evidence.question.seconds:.1f} s.")
    what = f"{len(cells) - len(failed)} of {len(cells)} code cells ran to the end."
    if lacked(evidence) or never_ran(evidence):
        return absent(evidence, what)
    hint = "Restart the kernel, run all cells from the top and look at the first one that fails."
    return Verdict(1 - len(failed) / len(cells), f"{what} {cause(evidence)}".strip(), hint)
