"""The check `timing`."""

from __future__ import annotations

from pydantic import Field

from grader.checks.absence import absent, observed
from grader.checks.registry import Parameters, check
from grader.checks.scale import linear
from grader.records import Evidence, Measurement, Verdict

# Two runs of the same code on a busy machine differ by this much.
_NOISE = 0.1


class TimingParameters(Parameters):
    """How many times the reference's time an answer may take."""

    full_credit: float = Field(3.0, gt=0, description="Up to this ratio to the reference's time all points are given.")
    no_credit: float = Field(10.0, gt=0, description="From this ratio on no points are given.")


@check("timing")
def timing(evidence: Evidence, parameters: TimingParameters, reference: Evidence | None) -> Verdict:
    """How long does your code take?

    The time of your answer's cells, taken outside your process, is divided by the time of the reference solution on the
    same machine. Up to the ratio `full_credit` you get all points, from `no_credit` on none, and a linear share
    between. Within 10 % of `full_credit` the noise of the machine goes to your favour. Code that fails, or that trains
    nothing where the reference trains, gets nothing: it is not fast, it is unfinished. What the time budget cut of
    your training is said beside it.
    """
    if evidence.question.ran != "passed":
        what = "did not run to its end" if evidence.question.runs else "is not there"
        return absent(evidence, f"The code {what}, so there is no time to compare.")
    if reference is None or reference.question.ran != "passed" or reference.question.seconds <= 0:
        return Verdict(None, "There is no time of the reference solution to compare with. A person will look.")
    if _trains(reference) and not _trains(evidence):
        return absent(evidence, "No training was seen, so the time of the code says nothing.", "Train the model.")
    seconds, expected = evidence.question.seconds, reference.question.seconds
    cut, ratio = _cut(evidence), seconds / expected
    share = linear(ratio, parameters.no_credit, parameters.full_credit)
    borderline = share < 1 and ratio <= parameters.full_credit * (1 + _NOISE)
    shown = Measurement(
        "time", ratio, no_credit=parameters.no_credit, full_credit=parameters.full_credit, unit="× the reference"
    )
    text = f"Your code took {seconds:.1f} s, the reference {expected:.1f} s on the same machine"
    text = f"{text}: {ratio:.1f} times as long"
    asked = f"up to {parameters.full_credit:g} times gives all points, {parameters.no_credit:g} times none"
    cuts = f" The time budget cut: {cut}." if cut else ""
    near = " It is within the noise of the limit, decided in your favour." if borderline else ""
    hint = "Look for work that is done again and again inside a loop, and for batches that are too small."
    return Verdict(1.0 if borderline else share, f"{text} ({asked}).{cuts}{near}", hint, (shown,), borderline)


def _trains(evidence: Evidence) -> bool:
    return any(training.steps > 0 for training in observed(evidence).trainings)


def _cut(evidence: Evidence) -> str:
    cuts = dict.fromkeys(t.cut.rstrip(".") for t in observed(evidence).trainings if t.cut)
    return "; ".join(cuts)
