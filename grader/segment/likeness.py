"""How alike a text is to what a question asks."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

Matrix = npt.NDArray[np.float64]

# Words that say that something is asked, or nothing at all. What is asked about stays.
STOP = frozenset(
    re.findall(
        r"\w+",
        """
    a an and any are as at be briefly by can code compare contrast define describe describing detail did discuss
    do does each etc example examples explain find following for from give has have highlight how if implement
    in include including into is it its like main mean meant of on one or our outline over provide question
    report role should show some such suggest task than that the their them then there these they this those
    through to two use used using various via was we what when where which who why will with work would write
    you your
""",
    )
)
WORD = re.compile(r"[a-z]+|[0-9]+")
CAMEL = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
SUFFIX = re.compile(r"(?:ations?|ions?|ings?|ized?|ises?|ed|es|e|s|al)$")
# One or two words can be alike by chance: `Layers.` is no question about layers.
SURETY = {1: 0.4, 2: 0.85}
MAX_TEXT = 200_000


class Likeness:
    """Compares texts with questions by the words they share; a word that few questions have weighs more.

    The measure is the cosine of the angle between vectors of words with weights log(1 + n / df) (Salton and Buckley
    1988, *Term-weighting approaches in automatic text retrieval*), where n is the number of questions and df in how
    many of them the word occurs. Misspelt words count as the word of the rubric that they nearly are.

    Args:
        questions: For each question its texts (title, prompt): a text is as alike as to the one it is most like.
    """

    def __init__(self, questions: Sequence[Sequence[str]]) -> None:
        whole = [meant(" ".join(texts)) for texts in questions]
        df = Counter(word for words in whole for word in words)
        self._index = {word: i for i, word in enumerate(sorted(df))}
        self._weights = np.array([math.log(1 + len(questions) / df[word]) for word in sorted(df)])
        # An unknown word speaks against likeness, but a rubric does not use every word that a question could.
        self._unknown = 0.5 * math.log(1 + len(questions))
        variants = [[self._vector(words)[0] for words in _variants(texts)] for texts in questions]
        self._firsts = np.cumsum([0] + [len(vectors) for vectors in variants[:-1]])
        self._directions = directions(np.array([one for vectors in variants for one in vectors]).reshape(-1, len(df)))
        self._whole = np.array([self._vector(words)[0] for words in whole]).reshape(-1, len(df))
        self._nearest = lru_cache(maxsize=50_000)(self._find_nearest)

    def cosines(self, texts: Sequence[str]) -> Matrix:
        """Likeness from 0 to 1 of each text (rows) to each question (columns)."""
        result = np.zeros((len(texts), len(self._whole)))
        for row, text in enumerate(texts):
            vector, unknown = self._vector(meant(text) | self._compounds(text), near=True)
            norm = math.sqrt(vector @ vector + unknown * self._unknown**2)
            if norm and vector.any():
                surety = SURETY.get(int(np.count_nonzero(vector)), 1.0)
                result[row] = surety * np.maximum.reduceat(self._directions @ vector, self._firsts) / norm
        return result

    def coverage(self, text: str, code: bool = False) -> Matrix:
        """For each question the share, from 0 to 1, of what it asks about that a text mentions."""
        vector, _ = self._vector(meant(text, code), near=not code)
        wanted = self._whole**2
        total = wanted.sum(axis=1)
        shares: Matrix = (wanted @ (vector > 0)) / np.where(total > 0, total, 1)
        return shares

    def mentions(self, text: str, question: int) -> float:
        """Share, from 0 to 1, of the words of a text that occur in a question; 0 if it has none."""
        words = meant(text)
        if not words:
            return 0.0
        vector, _ = self._vector(words, near=True)
        return float(((vector > 0) & (self._whole[question] > 0)).sum() / len(words))

    def _compounds(self, text: str) -> frozenset[str]:
        """Words of the rubric that a text writes in two: `back propagation`, `data set`."""
        pairs = pairwise(WORD.findall(text[:MAX_TEXT].lower()))
        return frozenset(_stem(first + second) for first, second in pairs) & self._index.keys()

    def _vector(self, words: Iterable[str], near: bool = False) -> tuple[Matrix, int]:
        vector = np.zeros(len(self._index))
        unknown = 0
        for word in words:
            place = self._index.get(word)
            if place is None and near:
                place = self._nearest(word)
            if place is None:
                unknown += 1
            else:
                vector[place] = self._weights[place]
        return vector, unknown

    def _find_nearest(self, word: str) -> int | None:
        if len(word) < 5:
            return None
        match = process.extractOne(word, self._index.keys(), scorer=fuzz.ratio, score_cutoff=85)
        return self._index[match[0]] if match else None


def directions(rows: Matrix) -> Matrix:
    """The rows with length 1; those without any word stay 0."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Matrix = rows / np.where(norms > 0, norms, 1)
    return result


def _variants(texts: Sequence[str]) -> list[frozenset[str]]:
    filled = [text for text in texts if text]
    return [meant(text) for text in (*filled, " ".join(filled))]


def meant(text: str, code: bool = False) -> frozenset[str]:
    """Stems of the words that mean something; in code also the parts of `CamelCase` names."""
    text = unicodedata.normalize("NFKD", text[:MAX_TEXT])
    parts = f"{text} {' '.join(CAMEL.findall(text))}" if code else text
    words = WORD.findall(parts.lower())
    return frozenset(_stem(word) for word in words if word not in STOP and (len(word) > 1 or word.isdigit()))


def _stem(word: str) -> str:
    stem = SUFFIX.sub("", word)
    if len(stem) >= 4:
        return stem
    return word.removesuffix("s") if len(word) > 3 else word
