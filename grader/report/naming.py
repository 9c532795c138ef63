"""Where the students' pages lie: apart from the class page, so that they can be given away as a folder."""

from __future__ import annotations

PAGES = "feedback"


def page_name(submission: str) -> str:
    """The file name of a student's page."""
    return f"{submission}.html"
