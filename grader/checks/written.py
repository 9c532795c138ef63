"""The check `written`."""

from __future__ import annotations

from pydantic import Field

from grader.checks.registry import Parameters, check
from grader.records import Evidence, Verdict, WrittenAnswer

_FOUND = 0.5  # from this confidence on, the question counts as found


class WrittenParameters(Parameters):
    """What a person looks for in a written answer."""

    key_points: tuple[str, ...] = Field((), description="What a full answer says; shown beside it to the reviewer.")


@check("written")
def written(evidence: Evidence, parameters: WrittenParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """What did you write?

    Your text is collected and read by a person, with the key points of the question beside it. No points are given or
    taken before that. Only an answer that is there and empty gets nothing.
    """
    answer = evidence.question.answer
    if any(character.isalnum() for character in answer.text):
        words = len(answer.text.split())
        text = f"Your answer of {words} {'word' if words == 1 else 'words'} waits for a person to read it."
        return Verdict(None, text, exhibits=(WrittenAnswer(answer.text, parameters.key_points),))
    if not answer.cells or answer.confidence < _FOUND:
        reason = answer.reason or "no heading or text points to it"
        return Verdict(None, f"This question was not found for sure in the hand-in ({reason}). A person will look.")
    where = ", ".join(str(cell) for cell in answer.cells)
    text = f"No answer found: the question is there (cells {where}), but no text of yours under it."
    return Verdict(0.0, text, "Write your answer in a text cell under the question.")
