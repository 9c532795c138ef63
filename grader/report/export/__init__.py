"""Grades -> the files that other programs read.

exported.py     what an export gives: files, and what a person must know about them
words.py        what a student may read about a criterion, as plain text
gradescope.py   an autograder's results.json per hand-in
prairielearn.py an external grader's results.json per hand-in
junit.py        test reports, as CI servers read them
nbgrader.py     the columns of `nbgrader export`
sheet.py        a table that was downloaded, changed in one column and otherwise kept
match.py        whose row is whose hand-in
canvas.py       a gradebook downloaded from Canvas, filled in
moodle.py       a grading worksheet downloaded from Moodle, filled in
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.records import Grade
from grader.report.export.canvas import canvas
from grader.report.export.exported import Exported
from grader.report.export.gradescope import gradescope
from grader.report.export.junit import junit
from grader.report.export.moodle import moodle
from grader.report.export.nbgrader import nbgrader
from grader.report.export.prairielearn import prairielearn
from grader.report.grades_json import grades_json
from grader.report.tables import grades_csv


def _csv(grades: Sequence[Grade]) -> Exported:
    return Exported({"grades.csv": grades_csv(grades)})


def _json(grades: Sequence[Grade]) -> Exported:
    return Exported({"grades.json": grades_json(grades)})


EXPORTS: Mapping[str, Callable[[Sequence[Grade]], Exported]] = {
    "csv": _csv,
    "json": _json,
    "gradescope": gradescope,
    "prairielearn": prairielearn,
    "junit": junit,
}
"""Exports that need nothing but the grades."""

__all__ = ["EXPORTS", "Exported", "canvas", "moodle", "nbgrader"]
