import csv
import io

import pytest

from grader.report.tables import grades_csv, harmless


def rows(samples: dict) -> list[dict[str, str]]:
    text = grades_csv([sample.grade for sample in samples.values()])
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_one_row_per_submission_and_one_column_per_question(samples: dict) -> None:
    found = {row["id"]: row for row in rows(samples)}
    assert list(found) == [sample.grade.submission for sample in samples.values()]
    ben = found["ben-carter"]
    assert (ben["student"], ben["points"], ben["max_points"]) == ("Ben Carter", "13.22", "100")
    assert (ben["unscored_points"], ben["needs_review"]) == ("64", "yes")
    assert (ben["q1"], ben["q6"], ben["q9"]) == ("0", "1.22", "0")
    assert found["cleo-marsh"]["q5"] == ""


def test_a_submission_that_was_not_graded_has_no_points_per_question(samples: dict) -> None:
    row = next(row for row in rows(samples) if row["id"] == "student-problem")
    assert row["q1"] == ""
    assert "not a notebook" in row["problem"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r\n=", "＝", " =", "\x00=", "\u202e@"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(f"{start}HYPERLINK(1)").startswith("'")


def test_names_stay_names(samples: dict) -> None:
    assert harmless("Anna-Maria O'Neill") == "Anna-Maria O'Neill"
    hostile = next(row for row in rows(samples) if row["id"] == "mallory")
    assert hostile["file"].startswith("'=HYPERLINK")
    assert "\x1b" not in hostile["student"]
