"""Grades -> one JUnit XML report: a suite per hand-in, a test case per criterion.

Source: the schema `junit-10.xsd` of Jenkins' xUnit plugin (`xunit2`).
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from grader.records import CriterionGrade, Grade, QuestionGrade
from grader.report import wording
from grader.report.clean import clean, one_line
from grader.report.export.exported import Exported
from grader.report.export.words import told


def junit(grades: Sequence[Grade]) -> Exported:
    """`junit.xml` for all hand-ins."""
    return Exported({"junit.xml": junit_xml(grades)})


def junit_xml(grades: Sequence[Grade]) -> str:
    """The report. Lost points are failures, unscored criteria are skipped, an ungraded hand-in is an error."""
    root = ET.Element("testsuites")
    for grade in grades:
        _suite(root, grade)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(root: ET.Element, grade: Grade) -> None:
    suite = ET.SubElement(root, "testsuite", name=one_line(grade.submission))
    properties = ET.SubElement(suite, "properties")
    facts = {
        "assignment": grade.assignment,
        "student": one_line(grade.student),
        "points": wording.points(grade.points),
        "max_points": wording.points(grade.max_points),
        "unscored_points": wording.points(grade.unscored_points),
        "late": grade.lateness.words if grade.lateness else "",
    }
    for name, value in facts.items():
        if value:
            ET.SubElement(properties, "property", name=name, value=value)
    if grade.problem:
        case = ET.SubElement(suite, "testcase", classname=grade.assignment, name="graded")
        _child(case, "error", grade.problem)
    for question in grade.questions:
        for criterion in question.criteria:
            _case(suite, grade, question, criterion)
    counts = {"tests": "testcase", "failures": ".//failure", "errors": ".//error", "skipped": ".//skipped"}
    for name, path in counts.items():
        suite.set(name, str(len(suite.findall(path))))


def _case(suite: ET.Element, grade: Grade, question: QuestionGrade, criterion: CriterionGrade) -> None:
    classname = f"{grade.assignment}.{question.id}"
    case = ET.SubElement(suite, "testcase", classname=classname, name=f"{criterion.id}: {one_line(criterion.title)}")
    if criterion.verdict.share is None:
        _child(case, "skipped", told(criterion))
    elif criterion.verdict.status != "passed":
        _child(case, "failure", told(criterion))
    points = f"{wording.points(criterion.points)} of {wording.points(criterion.max_points)} points"
    ET.SubElement(case, "system-out").text = points


def _child(case: ET.Element, kind: str, text: str) -> None:
    """A result with its first line as the message that lists show, and all of it as text."""
    ET.SubElement(case, kind, message=one_line(text, 300)).text = clean(text)
