"""The check `source`."""

from __future__ import annotations

from pydantic import Field, model_validator

from grader.checks import code
from grader.checks.absence import absent
from grader.checks.parts import Part, in_parts
from grader.checks.registry import Parameters, check
from grader.records import Evidence, Place, Verdict


class SourceParameters(Parameters):
    """What must stand in the code and what must not. Every part has the same weight."""

    must_use: tuple[str, ...] = Field(
        (), description="Names that the code must use; `a|b` for one of several. A name fits by its last parts."
    )
    must_not_use: tuple[str, ...] = Field((), description="Names that the code must not use.")
    no_literals: tuple[str, ...] = Field(
        (), description="Words of results, such as `acc`: no number may be assigned to or printed beside them by hand."
    )

    @model_validator(mode="after")
    def _something(self) -> SourceParameters:
        if not (self.must_use or self.must_not_use or self.no_literals):
            raise ValueError("one of 'must_use', 'must_not_use' and 'no_literals' is needed")
        return self


@check("source")
def source(evidence: Evidence, parameters: SourceParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Is your code written in the way that was asked for?

    Your code is read, not run: which functions and classes it uses, under whatever name you imported them, and whether
    a result is typed in that should be computed. Comments and texts do not count. Each thing that is asked for is a
    part of the same weight. Code that uses nothing that must be used, or an answer without code, gets nothing.
    """
    used = dict(reversed(list(code.uses(evidence))))  # the first place of each name stays
    if not used or not evidence.question.runs:
        return absent(evidence, "There is no code in this answer that could be read.", "Hand in the code you ran.")
    must = [_must(used, names.split("|")) for names in parameters.must_use]
    if must and not any(part.share for part in must):
        return in_parts("", must)
    must_not = [_must_not(used, name) for name in parameters.must_not_use]
    typed = [_typed(evidence, word) for word in parameters.no_literals]
    if evidence.question.ran == "failed" and not must:
        return absent(evidence, "None of the code ran to its end.", "Mend the first cell that fails.")
    return in_parts("", [*must, *must_not, *typed])


def _find(used: dict[str, Place], name: str) -> tuple[str, Place] | None:
    wanted = name.strip()
    return next(((u, where) for u, where in used.items() if u == wanted or u.endswith(f".{wanted}")), None)


def _must(used: dict[str, Place], names: list[str]) -> Part:
    found = next((hit for name in names if (hit := _find(used, name))), None)
    wanted = " or ".join(name.strip() for name in names)
    if found is None:
        return Part(0.0, f"{wanted} is not used.", f"Use {wanted}, as the question asks.")
    return Part(1.0, f"{wanted} is used ({found[1]}).", place=found[1])


def _must_not(used: dict[str, Place], name: str) -> Part:
    found = _find(used, name)
    if found is None:
        return Part(1.0, f"{name} is not used, as asked.")
    text = f"{name} is used ({found[1]}), which the question rules out."
    return Part(0.0, text, f"Write it without {name}.", found[1])


def _typed(evidence: Evidence, word: str) -> Part:
    for cell, node in code.nodes(evidence):
        if code.types_in(node, word.casefold()):
            where = code.place_of(cell, node)
            text = f"A number for “{word}” is typed in ({where}), where a computed one was expected."
            return Part(0.0, text, "Compute the number in your code.", where)
    return Part(1.0, f"No number for “{word}” is typed in.")
