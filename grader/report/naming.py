"""The names of the pages in the output folder."""

from __future__ import annotations


def page_name(submission: str) -> str:
    """The file name of a student's page; a hand-in called "index" does not take the class page's place."""
    return f"{submission}_.html" if submission.casefold() == "index" else f"{submission}.html"
