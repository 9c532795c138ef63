"""Hand-ins that claim work they did not do, made from the rubric and from what the reference showed.

    empty                 the questions, and nothing below them
    prints-numbers        prints what the reference printed, word for word
    hard-coded-results    the results typed in: accuracy, times, curves, and each variable that the reference ended with
    copied-outputs        the reference's printed text and pictures as saved outputs, without code
    figures-without-work  figures drawn of numbers that are typed in, or of noise
    constant-function     functions that give the same zeros whatever they are given
    untrained             the reference's own code with every training call cut out of it
    constant-prediction   the reference with one training step per epoch, which then always answers with the usual class

What each may earn is what is real in it, and nothing else: see `most_of`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from grader.records import Evidence, Model
from grader.rubric import Criterion, Question, Rubric
from grader.verify.cases import Case, code_questions
from grader.verify.fakes import (
    code_cell,
    copied_outputs,
    drawn,
    empty_answer,
    hard_coded,
    notebook,
    printed,
    zeros_of,
)
from grader.verify.spoiling import hardly_trained, one_class, untrained

ABOUT: Mapping[str, str] = {
    "empty": "The questions, and nothing below them",
    "prints-numbers": "Prints what the reference printed, and computes nothing",
    "hard-coded-results": "The results are typed in",
    "copied-outputs": "Saved outputs of somebody else, without code",
    "figures-without-work": "Figures of typed-in numbers or of noise",
    "constant-function": "Functions that give zeros whatever they are given",
    "untrained": "The reference without its training",
    "constant-prediction": "A model that always answers with the same class",
}
Labels = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """What the trivial hand-ins are made of.

    Attributes:
        rubric: The rubric.
        shown: What the reference showed, by question.
        labels: Held-out labels by data set.
    """

    rubric: Rubric
    shown: Mapping[str, Evidence]
    labels: Labels


def trivial_cases(known: Known, names: Sequence[str] = ()) -> tuple[Case, ...]:
    """The trivial hand-ins of the questions with code, all or those that were asked for by question or name."""
    questions = code_questions(known.rubric)
    by_question = [q for q in questions if any(fnmatchcase(q.id, name) for name in names)]
    asked = by_question or questions
    made = [*_of_all(known, asked), *(case for question in asked for case in _of_one(known, question))]
    wanted = made if by_question or not names else [c for c in made if any(fnmatchcase(c.name, n) for n in names)]
    return tuple(wanted)


def most_of(name: str, criterion: Criterion) -> float:
    """The most points that a trivial hand-in may earn at a criterion: those for what is real in it.

    - Code that prints, types in or copies results did nothing: 0 everywhere.
    - Figures and constant functions are real code: `runs` and `source`, which ask for no more, may give their points.
    - An untrained model is a real model: what does not rest on training is earned. An `architecture` that asks for
      training among other things is earned in part, and never whole.
    - A model that always says the same was built and (hardly) trained: only how well it does may earn nothing.
    """
    if name in {"figures-without-work", "constant-function"}:
        return criterion.points if criterion.check in {"runs", "source"} else 0.0
    if name == "untrained":
        return _untrained_earns(criterion)
    if name == "constant-prediction":
        return 0.0 if rests_on_accuracy(criterion) else criterion.points
    return 0.0


def _untrained_earns(criterion: Criterion) -> float:
    if criterion.check == "architecture" and _parameter(criterion, "trained"):
        return criterion.points * 0.99
    return 0.0 if rests_on_training(criterion) else criterion.points


def rests_on_training(criterion: Criterion) -> bool:
    """Whether a criterion can only be met by a model that was trained."""
    if criterion.check == "figure":
        return _parameter(criterion, "points") == "epochs" or bool(_parameter(criterion, "agree"))
    return criterion.check in {"accuracy", "reported", "training", "transfer", "timing", "app"}


def rests_on_accuracy(criterion: Criterion) -> bool:
    """Whether a criterion is about how well a model does."""
    return criterion.check == "accuracy" or (
        criterion.check == "reported" and _parameter(criterion, "quantity") == "accuracy"
    )


def _parameter(criterion: Criterion, name: str) -> object:
    return getattr(criterion.parameters, name, None)


# --- one hand-in for all questions ------------------------------------------------------------------------------------


def _of_all(known: Known, questions: Sequence[Question]) -> Iterator[Case]:
    fakes: Mapping[str, Callable[[Question, Evidence | None], list[dict[str, object]]]] = {
        "empty": empty_answer,
        "prints-numbers": printed,
        "hard-coded-results": hard_coded,
        "copied-outputs": copied_outputs,
        "figures-without-work": drawn,
        "constant-function": zeros_of,
    }
    for name, fake in fakes.items():
        cells = {question.id: fake(question, known.shown.get(question.id)) for question in questions}
        answered = [question for question in questions if cells[question.id]]
        if answered:
            yield _case(name, answered, notebook([cell for found in cells.values() for cell in found]))


def _case(name: str, questions: Sequence[Question], content: bytes) -> Case:
    most = {(q.id, c.id): most_of(name, c) for q in questions for c in q.criteria}
    return Case("trivial", name, tuple(q.id for q in questions), f"{name}.ipynb", content, ABOUT[name], None, most)


# --- the reference, spoiled -------------------------------------------------------------------------------------------


def _of_one(known: Known, question: Question) -> Iterator[Case]:
    """The reference's own code without training, and with a model that always says the same."""
    evidence = known.shown.get(question.id)
    model = _trained_model(evidence)
    if evidence is None or model is None:
        return
    source = "\n".join(cell.source for cell in evidence.cells if cell.kind == "code")
    if cut := untrained(source):
        yield _case("untrained", [question], notebook([code_cell(question, cut)]))
    measured = next((c for c in question.criteria if c.check == "accuracy"), None)
    if measured and (short := hardly_trained(source)):
        usual = _usual_class(known.labels.get(str(_parameter(measured, "data")), ()))
        cells = [code_cell(question, short), code_cell(question, one_class(model.framework, usual))]
        yield _case("constant-prediction", [question], notebook(cells))


def _trained_model(evidence: Evidence | None) -> Model | None:
    seen = evidence.question.observation if evidence else None
    return next((model for model in seen.models if model.trained), None) if seen else None


def _usual_class(labels: Sequence[int]) -> int:
    return Counter(labels).most_common(1)[0][0] if labels else 0
