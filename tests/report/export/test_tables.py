"""CSV, JSON and nbgrader's table, opened the way a spreadsheet or a program opens them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from grader.report.export import EXPORTS, nbgrader
from grader.report.export.nbgrader import COLUMNS


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_csv_shows_what_counts(grades):
    found = {row["id"]: row for row in rows(EXPORTS["csv"](grades).files["grades.csv"])}
    assert {name: row["points"] for name, row in found.items()} == {
        "ada": "9", "bob": "6.3", "cy": "4", "dan": "0", "eve": "7",
    }  # fmt: skip
    assert (found["ada"]["late_penalty"], found["bob"]["late_penalty"]) == ("0", "0.7")
    assert (found["ada"]["comment"], found["ada"]["student_id"]) == ("Good work <b>", "101")
    assert found["cy"]["needs_review"] == "yes"


def test_no_cell_of_any_table_is_a_formula(grades):
    for text in (EXPORTS["csv"](grades).files["grades.csv"], nbgrader(grades).files["nbgrader.csv"]):
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert any("cmd" in cell for cell in cells)
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))]


def test_json_tells_what_people_decided(grades):
    entries = {e["id"]: e for e in json.loads(EXPORTS["json"](grades).files["grades.json"])["submissions"]}
    secret = entries["ada"]["questions"]["q1"]["criteria"][1]
    assert secret["override"] == {
        "points": 5.0, "reason": "close enough", "by": "eve", "at": "2026-11-20T10:00:00+00:00", "automatic": 3.0,
        "clash": "a clash",
    }  # fmt: skip
    assert entries["ada"]["comment"]["text"] == "Good\nwork <b>"
    assert entries["ada"]["questions"]["q1"]["comment"]["text"] == "Mind the sum."
    assert entries["bob"]["lateness"]["penalty"] == 0.7
    assert entries["cy"]["questions"]["q1"]["criteria"][1]["override"] is None


def test_nbgrader_has_the_columns_of_its_export_and_the_sums_fit(grades):
    made = nbgrader(grades, datetime(2026, 11, 21, tzinfo=UTC))
    text = made.files["nbgrader.csv"]
    assert text.splitlines()[0] == ",".join(COLUMNS)
    found = {row["student_id"]: row for row in rows(text)}
    assert set(found) == {"101", "102", "105"}
    assert [line.split(":")[0] for line in made.left_out] == ["cy", "dan"]
    for row in found.values():
        raw, penalty, score, most = (
            float(row[name]) for name in ("raw_score", "late_submission_penalty", "score", "max_score")
        )
        assert raw - penalty == pytest.approx(score)
        assert score <= most
    bob = found["102"]
    assert (bob["last_name"], bob["first_name"], bob["raw_score"], bob["score"]) == (
        "Müller-Öztürk",
        "Bob",
        "7.0",
        "6.3",
    )
    times = [datetime.strptime(bob[name], "%Y-%m-%d %H:%M:%S") for name in ("timestamp", "duedate")]
    assert (times[0] - times[1]).total_seconds() == 12 * 3600


def test_points_so_far_only_when_asked_for(grades):
    assert {row["student_id"] for row in rows(nbgrader(grades, unfinished=True).files["nbgrader.csv"])} == {
        "101", "102", "103", "105",
    }  # fmt: skip
