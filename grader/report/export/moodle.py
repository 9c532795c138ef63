"""A grading worksheet that was downloaded from Moodle, with grades and feedback filled in.

Source: Moodle's `mod/assign/feedback/offline`, which reads the sheet by the numbers in its column `Identifier`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from grader.records import Grade
from grader.report import wording
from grader.report.export.exported import Exported, finished, lines
from grader.report.export.match import Person, match
from grader.report.export.sheet import Sheet, number, read_sheet
from grader.report.export.words import summary

OURS = "[grader]"
_NEEDED = {"Identifier": "Moodle's numbers of students", "Full name": "names", "Grade": "to be filled in"}
_PARTICIPANT = re.compile(r"(\d+)\s*$")
COMMENTS = "Feedback comments"


def moodle(grades: Sequence[Grade], sheet: bytes, unfinished: bool = False) -> Exported:
    """`moodle.csv`: the downloaded worksheet, to be uploaded again.

    Students are found by the number in `Participant 12345`, the e-mail address or the name. Points are scaled where
    `Maximum Grade` is another number. Feedback comments that somebody wrote in Moodle stay.

    Args:
        grades: Those that count.
        sheet: The downloaded file.
        unfinished: Whether points so far may stand for those of whom something waits for a person.

    Raises:
        OperatorError: It is no grading worksheet of Moodle.
    """
    table = read_sheet(sheet, _NEEDED)
    ready, left_out = finished(grades, unfinished)
    found = match(grades, [_person(table, i, row) for i, row in enumerate(table.rows)])
    kept = {grade.submission for grade in ready}
    remarks = [f"no hand-in of {person.name}" for person in found.without_hand_in]
    locked = {}
    for row, grade in found.grades.items():
        if grade.submission not in kept:
            continue
        if table.cell(table.rows[row], "Grade can be changed").casefold() == "no":
            locked[grade.submission] = "Moodle does not let this grade be changed"
            continue
        remarks += _fill(table, table.rows[row], grade)
    left = lines(left_out, found.without_row, locked)
    return Exported({"moodle.csv": table.text(["Full name", "Email address"])}, left, tuple(dict.fromkeys(remarks)))


def _person(table: Sheet, place: int, row: list[str]) -> Person:
    participant = _PARTICIPANT.search(table.cell(row, "Identifier"))
    ids = (participant[1] if participant else "", table.cell(row, "Email address"), table.cell(row, "ID number"))
    return Person(place, table.cell(row, "Full name"), ids)


def _fill(table: Sheet, row: list[str], grade: Grade) -> list[str]:
    remarks = []
    most = number(table.cell(row, "Maximum Grade"))
    share = 1.0
    if most is not None and most != grade.max_points and grade.max_points:
        share = most / grade.max_points
        remarks.append(f"scaled from {grade.max_points:g} points of the rubric to Moodle's {most:g}")
    place = table.column("Grade")
    if place is not None:
        before, row[place] = row[place].strip(), wording.points(grade.points * share)
        if before and number(before) != number(row[place]):
            remarks.append(f"{grade.submission} had {before}, and now has {row[place]}")
    comments = table.column(COMMENTS)
    if comments is not None:
        if row[comments].strip() and not row[comments].startswith(OURS):
            remarks.append(f"the comment on {grade.submission} that stands in Moodle stays")
        else:
            # Moodle shows comments as HTML.
            row[comments] = f"{OURS} " + html.escape(summary(grade), quote=False).replace("\n", "<br>")
    return remarks
