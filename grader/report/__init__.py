"""Grade -> pages for people and files for programs. What students made is shown, never trusted."""

from grader.report.annotations import github_annotations
from grader.report.checked import print_checked
from grader.report.differences import difference_csv, print_difference
from grader.report.export.gradescope import gradescope_json
from grader.report.export.junit import junit_xml
from grader.report.folder import write_class, write_submission, write_text
from grader.report.jobsummary import job_summary
from grader.report.live import live_html, live_text
from grader.report.naming import PAGES
from grader.report.question_map import (
    QuestionMap,
    print_question_map,
    question_map,
    question_map_data,
    question_map_page,
)
from grader.report.review import print_history, print_reviewed, print_waiting
from grader.report.terminal import grade_table, print_summary

__all__ = [
    "PAGES",
    "QuestionMap",
    "difference_csv",
    "github_annotations",
    "grade_table",
    "gradescope_json",
    "job_summary",
    "junit_xml",
    "live_html",
    "live_text",
    "print_checked",
    "print_difference",
    "print_history",
    "print_question_map",
    "print_reviewed",
    "print_summary",
    "print_waiting",
    "question_map",
    "question_map_data",
    "question_map_page",
    "write_class",
    "write_submission",
    "write_text",
]
