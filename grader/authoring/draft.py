"""A first rubric from a solution: its questions, and what running it in the real pipeline showed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from grader.authoring.observed import Values, criteria_of, input_shape, notes_of
from grader.authoring.questions import MOST_KEY_POINTS, FoundQuestion, questions_in
from grader.data import names
from grader.errors import OperatorError
from grader.execute import warmed
from grader.execute.run import Progress
from grader.ingest import HandIn, ingest
from grader.pipeline import AnswerKey, Settings, answer_key, judge, prepare_workplace, run
from grader.records import Evidence, Grade, Submission, Trace
from grader.report import write_text
from grader.rubric import Rubric
from grader.rubric.schema import FILE as SCHEMA_FILE
from grader.score import reference_evidence
from grader.storage import unwritable

WIDTH = 110


async def drafted(
    notebook: Path, out: Path, settings: Settings, progress: Progress = lambda _: None
) -> tuple[str, ...]:
    """Write a first rubric, and a copy of the notebook beside it as its reference.

    Args:
        notebook: The solution.
        out: The rubric to write.
        settings: How to run the solution.
        progress: Is told what runs.

    Returns:
        The ids of the questions that were found.

    Raises:
        RubricError: There is no question in it.
        SubmissionError: It cannot be read.
        OperatorError: Something is there already, or the machine cannot run it.
    """
    folder = out.parent / f"{out.stem}-reference"
    there = next((path for path in (out, folder) if path.exists()), None)
    if there:
        raise OperatorError(f"{there} is there already", "Give another name with --out, or remove it")
    hand_in = HandIn("reference", "reference", notebook, (notebook,))
    submission = ingest(hand_in)
    found = questions_in(submission)
    head = _head(notebook, out, submission)
    seen = await _run(hand_in, _rubric(head, [_bare(one, head["data"]) for one in found], out), settings, progress)
    questions = [_question(one, seen[1].get(one.id), head["data"]) for one in found]
    kept = _met(questions, judge(seen[0], seen[2], _rubric(head, questions, out), _key(seen[1], seen[3])))
    _copy(notebook, folder)
    write_text(out, _text(head, kept, seen[1]))
    return tuple(one.id for one in found)


Seen = tuple[Trace, Mapping[str, Evidence], Mapping[str, bytes], AnswerKey]


async def _run(hand_in: HandIn, rubric: Rubric, settings: Settings, progress: Progress) -> Seen:
    """The solution, as every hand-in is run."""
    async with warmed(prepare_workplace(rubric, settings)) as place:
        trace, blobs = await run(hand_in, rubric, place, progress)
    key = answer_key(rubric, None, settings.profile)
    shown = reference_evidence(trace, blobs, rubric)
    labelled = {name: replace(one, labels=key.labels, stand_ins=key.stand_ins) for name, one in shown.items()}
    return trace, labelled, blobs, key


def _key(shown: Mapping[str, Evidence], key: AnswerKey) -> AnswerKey:
    return replace(key, reference=shown)


def _rubric(head: Values, questions: Sequence[Values], out: Path) -> Rubric:
    return Rubric.model_validate({**head, "questions": questions}, context=out, by_alias=True, by_name=False)


def _head(notebook: Path, out: Path, submission: Submission) -> Values:
    name = re.sub(r"[^A-Za-z0-9]+", "-", notebook.stem).strip("-").lower() or "assignment"
    source = "".join(cell.source for cell in submission.cells if cell.kind == "code").lower().replace("_", "")
    data = [one for one in names(["data set"]) if re.search(rf"(?<![a-z]){one.replace('_', '')}(?![a-z])", source)]
    title = name.replace("-", " ").capitalize()
    return {"assignment": name, "title": title, "data": data, "reference": f"{out.stem}-reference"}


def _bare(one: FoundQuestion, data: Sequence[str]) -> Values:
    """A question as it is run first, with all that the probe must be asked for."""
    if not one.code:
        return _question(one, None, data)
    runs = {"id": "runs", "title": "It runs", "check": "runs", "points": 1.0}
    asked = [
        {"id": f"on-{name}", "title": name, "check": "accuracy", "points": 1.0, "with": {"data": name}} for name in data
    ]
    return {**_start(one), "points": 1.0 + len(data), "criteria": [runs, *asked]}


def _start(one: FoundQuestion) -> Values:
    return {"id": one.id, "title": one.title, "prompt": one.prompt}


def _question(one: FoundQuestion, evidence: Evidence | None, data: Sequence[str]) -> Values:
    """A question with all criteria that might fit; several of one id are choices."""
    criteria = list(criteria_of(evidence, data)) if one.code and evidence else [_written(one)]
    for number, criterion in enumerate(criteria):  # ids are unique until the choice is made
        criterion["id"] = f"{criterion['id']}-{number}"
    shape = input_shape(evidence) if evidence else None
    values = _start(one) | ({"input_shape": shape} if shape and one.code else {})
    return {**values, "points": sum(c["points"] for c in criteria), "criteria": criteria}


def _written(one: FoundQuestion) -> Values:
    points = one.sentences[:MOST_KEY_POINTS] or ["What a full answer says"]
    title = "Your answer, read by a person against the key points"
    return {"id": "answer", "title": title, "check": "written", "points": 4, "with": {"key_points": points}}


def _met(questions: Sequence[Values], grade: Grade) -> list[Values]:
    """Of each kind the first criterion that the solution meets; what a person judges stays."""
    verdicts = {(q.id, c.id): c.verdict.share for q in grade.questions for c in q.criteria}
    kept = []
    for question in questions:
        chosen: dict[str, Values] = {}
        for criterion in question["criteria"]:
            name, _, _ = criterion["id"].rpartition("-")
            if verdicts[question["id"], criterion["id"]] == 1 or criterion["check"] == "written":
                chosen.setdefault(name, {**criterion, "id": name})
        criteria = list(chosen.values()) or [{"id": "runs", "title": "Your code runs", "check": "runs", "points": 1}]
        kept.append({**question, "points": sum(c["points"] for c in criteria), "criteria": criteria})
    return kept


def _copy(notebook: Path, folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
        shutil.copyfile(notebook, folder / notebook.name)
    except OSError as error:
        raise unwritable(folder, error) from error


# --- as text ----------------------------------------------------------------------------------------------------------


def _text(head: Values, questions: Sequence[Values], seen: Mapping[str, Evidence]) -> str:
    """The rubric, with what was seen as comments."""
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        "# A first rubric, made by 'grader rubric new' of what the solution showed when it was run. Read it through,",
        "# add hints, weigh points, and say in mutants.yaml which mistakes it must catch; 'grader verify' tests it.",
        _dump(head).rstrip(),
        "questions:",
    ]
    for question in questions:
        lines += [f"  # seen: {note}" for note in notes_of(seen[question["id"]])]
        lines += [f"  {line}" for line in _dump([question]).splitlines()]
    return "\n".join(lines) + "\n"


def _dump(values: Any) -> str:
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=None)
    return text
