"""Grade -> pages for people and files for programs. What students made is shown, never trusted."""

from grader.report.folder import page_name, write_class, write_submission
from grader.report.terminal import grade_table, print_summary

__all__ = ["grade_table", "page_name", "print_summary", "write_class", "write_submission"]
