"""Files in, `Submission` out: what was handed in becomes ordered cells that remember where they come from.

    find.py        paths of the command line -> hand-ins (who handed in which files)
      names.py       what learning platforms write into names: student, number, attempt, lateness
      together.py    loose files of a whole class -> which belong to one student, and which attempt counts
      parts.py       whether a notebook and the scripts beside it are one work
      archive.py     `.zip` and `.tar.gz` -> a folder of ours, within bounds
    submission.py  one hand-in (handin.py) -> Submission; the table of readers
      notebook.py    `.ipynb` of every format version -> cells
      script.py      `.py` -> cells
      plain.py       `.md` and `.txt` -> cells
      apart.py       `.pdf`, `.docx` and `.html` -> cells, in a process of its own (document.py)
        pdf.py         lines -> blocks of code and prose (pdf_lines.py: characters by position -> lines; pdf_columns.py)
        word.py        `.docx` -> blocks
        webpage.py     `.html` -> blocks
        blocks.py      blocks -> cells
        mend.py        code that conversion damaged -> code as it was
      inside.py      code in prose, prose in code, other languages
        fences.py      the fences of Markdown, also badly closed ones
        code.py        what a text is: Python, Python 2, shell, prose
    reading.py     bytes of a hand-in -> text, within bounds
    tags.py        the question that a cell itself names

Cells keep the place that they have in their file; see `inside.py` for code that lies in the text of a cell.
Nothing here runs, imports or unpickles what a student wrote.
"""

from grader.ingest.find import find, with_files_beside
from grader.ingest.handin import HandIn
from grader.ingest.submission import ingest

__all__ = ["HandIn", "find", "ingest", "with_files_beside"]
