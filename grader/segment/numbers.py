"""The labels and numbers with which questions begin: `Q.1. What`, `Ans 3)`, `IV.`, `2.2 Define`, `Question Six:`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ROMAN = r"(?:x{1,2}(?:ix|iv|v?i{0,3})|ix|iv|vi{0,3}|i{1,3})"
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10}

_LABEL = (
    r"(?:(?:theory|theoretical|practical|coding|programming|short|long)\s+(?=q|ex|task|prob))?"
    r"(?:answers?|ans|solutions?|sol)\s+(?:to|of|for)\s+(?:the\s+)?(?P<answered>question|ques|que|q)(?![a-z])"
    r"|(?:(?:theory|theoretical|practical|coding|programming|short|long)\s+(?=q|ex|task|prob))?"
    r"(?P<label>questions?|ques|que|qus|qn|q|exercise|ex|task|problem|prob|practical|theory|program"
    r"|answer|ans|solution|soln|sol)(?![a-z])"
)
# A word or a Roman number needs a mark behind it: `Ans - I would use` and `Ans: One difference` are no numbers.
_CLOSED = r"(?=\s*(?:[.):\]|–—-]|$)|\s+(?-i:[A-Z]))"
_NUMBER = rf"(?P<number>\d{{1,2}}(?:\.\d{{1,2}})?(?![\d%×]|x\d)|(?:{'|'.join(_WORDS)}|{_ROMAN})(?![a-z]){_CLOSED})"
# `Question 6:`, `Q.1.`, `Q NO 1:`, `Que 1.`, `Q2.Discuss`, `Exercise 3.1`, `Ans 3)`, `Question - VI`,
# `Answer to the question no 1`
LABEL_AND_NUMBER = re.compile(
    rf"[(\[]?(?:{_LABEL})[\s.:#(_–—-]{{0,6}}(?:(?:no|number|num|nr)\b\.?)?[\s.:#(\[_–—-]{{0,6}}{_NUMBER}", re.IGNORECASE
)
# `Question: …`, `Task: …`
LABEL_ALONE = re.compile(rf"(?:{_LABEL})\s*[.:)-]+", re.IGNORECASE)
# `1.What`, `# 1) What`, `8. : Write`, `2.2 Define`
NUMBER_ALONE = re.compile(r"[(\[]?(?P<number>\d{1,2}\.\d{1,2}(?=[\s:).])|\d{1,2}(?=\s*[.:)\]–—-](?!\d)))")
# `#9 ImageDataGenerator`, `1 What`, and `## 9` without anything
NUMBER_AND_SPACE = re.compile(r"(?P<number>\d{1,2})(?:\s+(?=[A-Z])|\s*$)")
# `iv. What`, `(b) What`, `A) What`
LETTER_ALONE = re.compile(rf"[(\[]?(?P<number>{_ROMAN}|[a-z])[.)\]](?=\s)", re.IGNORECASE)
# `A1.`, `t3:`, `P2)`: an answer's number, or the id that the rubric gives the question.
ID = re.compile(r"(?P<name>[a-z])[-_.]?(?P<number>\d{1,2})(?=\s*[.:)\]–—-]|\s*$)", re.IGNORECASE)
# `6 (b)`, `6a.`: parts of one question
PART = re.compile(r"\s*[-.]?\(?[a-h]\)?(?=[\s.:)\]–—-]|$)(?!\s+[a-z])")
AFTER_NUMBER = re.compile(r"[\s.:)\]\-–—>|]+")
MARKS = re.compile(r"[\s([]{0,9}(?:\d{1,3}\s*(?:points?|marks?|pts)\.?)[)\]]*\s*$", re.IGNORECASE)
MARKS_WITHIN = 40  # letters from the end
ANSWER_LABELS = frozenset({"answer", "answers", "ans", "solution", "soln", "sol"})


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a line begins.

    Attributes:
        label: `question` for any word like Question, Que or Exercise; `answer`; or nothing.
        numbers: The number it bears, with sub-numbers: (2, 2) for `2.2`.
        rest: The line without these and without `[15 points]`.
        sort: `n` for digits, `w` for words and Roman or other letters, `i` for an id like `t3`,
            `s` for digits with a space and nothing else; nothing without number.
        name: The letter of an id.
    """

    label: str
    numbers: tuple[int, ...]
    rest: str
    sort: str = ""
    name: str = ""


def _begins_the_answer(text: str, match: re.Match[str]) -> bool:
    """Whether a number after `Ans -` is the answer's first word: `Ans - 8 layers are there`."""
    label, begin, end = (match["label"] or "").lower(), match.start("number"), match.end("number")
    between = text[match.end("label") : begin] if match["label"] else ""
    closed = re.match(r"\s*(?:[.):\]|–—-]|$)", text[end:])
    return label in ANSWER_LABELS and re.search(r"[:=–—-]", between) is not None and closed is None


def numbering(text: str) -> Numbering:
    """How a bare line begins: `Q.1. What` gives the label `question`, the number 1 and the rest `What`."""
    labelled = LABEL_AND_NUMBER.match(text)
    if labelled and _begins_the_answer(text, labelled):
        labelled = None
    match = labelled or LABEL_ALONE.match(text) or NUMBER_ALONE.match(text)
    if match:
        return _numbered(text, match)
    if match := ID.match(text):
        label = "answer" if match["name"].lower() == "a" else ""
        return Numbering(label, (int(match["number"]),), _rest(text[match.end() :]), "i", match["name"].lower())
    if match := NUMBER_AND_SPACE.match(text):
        return Numbering("", (int(match["number"]),), _rest(text[match.end() :]), "s")
    if match := LETTER_ALONE.match(text):
        return Numbering("", (_value(match["number"]),), _rest(text[match.end() :]), "w")
    return Numbering("", (), _without_marks(text))


def _numbered(text: str, match: re.Match[str]) -> Numbering:
    groups = match.groupdict()
    word = (groups.get("label") or "").lower()
    label = "answer" if word in ANSWER_LABELS or groups.get("answered") else "question" if word else ""
    number = groups.get("number") or ""
    after = text[match.end() :]
    if label and number and (part := PART.match(after)):
        after = after[part.end() :]
    rest = _rest(after)
    if label and (second := NUMBER_ALONE.match(rest)):  # `Ans 3) 1. What is Padding?`
        rest = rest[second.end() :].lstrip(" .:)-")
    digits = number[:1].isdigit()
    numbers = tuple(int(part) for part in number.split(".")) if digits else (_value(number),) if number else ()
    return Numbering(label, numbers, rest, "n" if digits else "w" if number else "")


def _rest(after: str) -> str:
    separator = AFTER_NUMBER.match(after)
    return _without_marks(after[separator.end() :] if separator else after)


def _without_marks(text: str) -> str:
    """Without `[15 points]` at its end."""
    return text[:-MARKS_WITHIN] + MARKS.sub("", text[-MARKS_WITHIN:])


def _value(number: str) -> int:
    """The value of a number word, a Roman number or a letter."""
    low = number.lower()
    if low in _WORDS:
        return _WORDS.index(low) + 1
    if not set(low) <= _ROMAN_DIGITS.keys():
        return ord(low) - ord("a") + 1
    values = [_ROMAN_DIGITS[digit] for digit in low]
    return sum(-v if v < w else v for v, w in zip(values, [*values[1:], 0], strict=True))
