"""What an answer is about, to judge by all that it says: the question's words and those of its key points."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from grader.rubric import Question, Rubric
from grader.segment.likeness import Matrix, directions, meant

MAX_LINE = 4_000
# A key point names what a full answer may say; the question names what it must be about.
KEY_POINT = 0.5


class Topics:
    """Compares what is written below a heading with the questions of a rubric, by the same measure as `Likeness`.

    Args:
        rubric: Its titles, prompts and key points.
    """

    def __init__(self, rubric: Rubric) -> None:
        asked = [meant(f"{question.title} {question.prompt}") for question in rubric.questions]
        told = [meant(" ".join(_key_points(question))) for question in rubric.questions]
        df = Counter(word for words in map(frozenset.union, asked, told) for word in words)
        self._index = {word: place for place, word in enumerate(sorted(df))}
        self._weights = np.array([math.log(1 + len(asked) / df[word]) for word in sorted(df)])
        shares = np.zeros((len(asked), len(df)))
        for row, (own, more) in enumerate(zip(asked, told, strict=True)):
            shares[row, [self._index[word] for word in more]] = KEY_POINT
            shares[row, [self._index[word] for word in own]] = 1.0
        self._directions = directions(shares * self._weights)

    def mentioned(self, line: str) -> frozenset[int]:
        """The known words in a line of text or code, for `alike`."""
        known = self._index
        return frozenset(known[word] for word in meant(line[:MAX_LINE], code=True) if word in known)

    def alike(self, words: frozenset[int]) -> Matrix:
        """For each question how much some words are about it, from 0 to 1."""
        places = sorted(words)
        norm = float(np.linalg.norm(self._weights[places]))
        result: Matrix = self._directions[:, places] @ self._weights[places] / (norm or 1.0)
        return result


def _key_points(question: Question) -> Sequence[str]:
    return [point for criterion in question.criteria for point in getattr(criterion.parameters, "key_points", ())]
