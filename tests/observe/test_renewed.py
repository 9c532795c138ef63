from __future__ import annotations

from dataclasses import replace

from grader.observe import renewed
from grader.records import Answer, CellRun, Environment, Note, QuestionTrace, Segmentation, Submission, Trace


def test_a_trace_of_before_carries_what_the_hand_in_says_now():
    old = Submission("ada", "Ada", "a.ipynb", (), "digest", notes=(Note("repair", "mended"),))
    ran = Note("cut", "training was cut", question="q1")
    seen = QuestionTrace("q1", Answer("q1", (0,), "", 0.5, "a guess"), (CellRun(0, "ok"),))
    trace = Trace(1, "a", "h", "quick", old, (seen,), Environment(), notes=(*old.notes, ran), key="k")
    new = replace(old, late=True, notes=(Note("remark", "late"), Note("remark", "an earlier attempt")))
    answer = Answer("q1", (0,), "prose", 0.9, "by its number")
    now = renewed(trace, new, Segmentation((answer,)))
    assert now.submission == new
    assert now.notes == (*new.notes, ran)
    assert now.questions == (replace(seen, answer=answer),)
    assert (now.key, now.environment) == ("k", trace.environment)
