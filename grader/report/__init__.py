"""Grade -> pages for people and files for programs. What students made is shown, never trusted."""

from grader.report.folder import write_class, write_submission
from grader.report.naming import PAGES
from grader.report.terminal import grade_table, print_summary

__all__ = ["PAGES", "grade_table", "print_summary", "write_class", "write_submission"]
