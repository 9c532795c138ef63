"""Help for whoever writes a rubric.

questions.py  a solution notebook -> the questions in it
observed.py   what the solution showed -> criteria that it meets
draft.py      both together: a first rubric, with the notebook as its reference
checked.py    what there is to say about a rubric before anything runs
"""

from grader.authoring.checked import Remark, remarks_on
from grader.authoring.draft import drafted

__all__ = ["Remark", "drafted", "remarks_on"]
