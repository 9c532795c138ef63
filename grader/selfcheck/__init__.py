"""What students do before they hand in, and what a CI job shows.

edition.py   rubric -> student edition: nothing in it gives an answer away
project.py   which rubric and hand-in a folder means (`grader.toml`)
checking.py  one hand-in, on the student's own machine
packing.py   the student edition as a zip; an autograder for Gradescope
live.py      one question in the running notebook
"""

from grader.selfcheck.checking import Checked, check_hand_in
from grader.selfcheck.edition import student_edition
from grader.selfcheck.packing import pack_for_gradescope, pack_for_students
from grader.selfcheck.project import Project, find_project

__all__ = [
    "Checked",
    "Project",
    "check_hand_in",
    "find_project",
    "pack_for_gradescope",
    "pack_for_students",
    "student_edition",
]
