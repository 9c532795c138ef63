import json
from typing import Any

from grader.report.grades_json import grades_json


def document(samples: dict) -> dict[str, Any]:
    return json.loads(grades_json([sample.grade for sample in samples.values()]))


def test_the_document_has_exactly_the_agreed_keys(samples: dict) -> None:
    found = document(samples)
    assert set(found) == {"schema", "assignment", "rubric_hash", "submissions"}
    assert (found["schema"], found["assignment"]) == (1, "cnn-architectures")
    ben = next(s for s in found["submissions"] if s["id"] == "ben-carter")
    assert set(ben) == {
        "id", "student", "student_id", "file", "points", "max_points", "needs_review", "lateness", "override",
        "comment", "questions",
    }  # fmt: skip
    q6 = ben["questions"]["q6"]
    assert set(q6) == {"points", "max_points", "status", "ran", "error", "cells", "comment", "criteria"}
    assert set(q6["criteria"][0]) == {
        "id", "check", "status", "points", "max_points", "rationale", "hint", "place", "public", "override",
        "comment",
    }  # fmt: skip


def test_values_of_a_question(samples: dict) -> None:
    ben = next(s for s in document(samples)["submissions"] if s["id"] == "ben-carter")
    q6, q9 = ben["questions"]["q6"], ben["questions"]["q9"]
    assert (q6["points"], q6["status"], q6["ran"], q6["cells"]) == (1.22, "partial", "partial", [11, 12])
    assert q6["error"] == {
        "type": "ValueError",
        "message": "Expected input batch_size (256) to match target batch_size (64).",
        "cell": 12,
        "line": 16,
        "echo_of": None,
    }
    assert q9["error"]["echo_of"] == 12
    assert ben["questions"]["q1"]["status"] == "unscored"
    assert ben["questions"]["q1"]["error"] is None
    assert q6["criteria"][-1]["public"] is False


def test_a_submission_that_was_not_graded_says_whose_turn_it_is(samples: dict) -> None:
    found = {s["id"]: s for s in document(samples)["submissions"]}
    for name, fault in (("student-problem", "student"), ("operator-problem", "operator")):
        assert (found[name]["points"], found[name]["questions"], found[name]["needs_review"]) == (0, {}, True)
        assert found[name]["fault"] == fault
        assert found[name]["problem"]


def test_an_empty_batch_is_a_document_too() -> None:
    assert json.loads(grades_json([]))["submissions"] == []
