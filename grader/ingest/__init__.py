"""Files in, `Submission` out: what was handed in becomes ordered cells that remember where they come from.

    find.py        paths of the command line -> hand-ins (who handed in which files)
    submission.py  one hand-in -> Submission
    notebook.py    `.ipynb` of every format version -> cells
    script.py      `.py` -> cells
    reading.py     bytes of a hand-in -> text, within bounds
    tags.py        the question that a cell itself names

Nothing here runs, imports or unpickles what a student wrote.
"""

from grader.ingest.find import HandIn, find
from grader.ingest.submission import ingest

__all__ = ["HandIn", "find", "ingest"]
