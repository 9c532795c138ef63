"""Finds the cells that answer each question of a rubric.

lines.py      cells -> lines, each with what it looks like
numbers.py    how a line begins: `Q.1.`, `Ans 3)`, `IV.`
starts.py     lines at which an answer may start, in all the ways in which students write a heading
likeness.py   how alike a text is to what a question asks
lists.py      lists that are no answers: of all questions, of steps
topics.py     what an answer is about, by the words of its key points
asking.py     whether a sentence asks or tells
gains.py      what speaks for it that a line starts the answer to a question
assign.py     which start belongs to which question, as a whole
align.py      these three put together
tags.py       starts that the file itself names
content.py    code without any heading, by what it mentions
answers.py    starts -> lines and text of each answer
sections.py   what stands between two answers and belongs to neither
overrides.py  `segments.yaml`: what a person says
place.py      all of these in their order
recognise.py  empty, unanswered, or another assignment
"""

from grader.segment.overrides import Overrides, overrides_beside, read_overrides
from grader.segment.place import segment
from grader.segment.recognise import remarks

__all__ = ["Overrides", "overrides_beside", "read_overrides", "remarks", "segment"]
