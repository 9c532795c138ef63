"""The gradebook: what the checks gave, what people decided in its place, who and when. Nothing is ever overwritten.

tables.py      what is kept
opening.py     SQLite in the output folder, or PostgreSQL by URL; migrations
book.py        entering and reading
stored.py      a grade as a row
decided.py     rows -> what counts now, and the history
effective.py   checks' grade + people's decisions -> the grade that counts
late.py        what being late costs
waiting.py     what a person must look at
difference.py  who moved between two scorings, and by which criterion
"""

from grader.gradebook.book import Gradebook, OpenRun, existing_gradebook, open_gradebook, whoever
from grader.gradebook.difference import difference
from grader.gradebook.effective import NOTHING, Decisions, effective
from grader.gradebook.stored import Entry, entry
from grader.gradebook.waiting import waiting

__all__ = [
    "NOTHING",
    "Decisions",
    "Entry",
    "Gradebook",
    "OpenRun",
    "difference",
    "effective",
    "entry",
    "existing_gradebook",
    "open_gradebook",
    "waiting",
    "whoever",
]
