"""The accuracy of a question's trained model on held-out images, computed outside the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from grader.checks.absence import absent, lacked, observed
from grader.checks.arrays import read_floats
from grader.checks.scale import percent, wilson
from grader.records import Evidence, Model, Prediction, Verdict

# Pictures in the published training parts of the sets of which the grader serves fewer.
PUBLISHED = {"mnist": 60_000, "fashion_mnist": 60_000, "kmnist": 60_000, "cifar10": 50_000, "svhn": 73_257}
# Files of pretrained weights, by the names under which they are published.
_WEIGHTS = (".h5", ".keras", ".pt", ".pth", ".safetensors")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many held-out images a model got right.

    Attributes:
        correct: Number of right answers.
        total: Number of images.
        low: Lower end of the 95 % interval of the share.
        high: Upper end.
        classes: Number of classes.
        context: Sentences on how it was measured: a stand-in data set, a cut training. May be empty.
        scores: What the model gave, a row per image.
        chosen: The class that it chose for each image.
    """

    correct: int
    total: int
    low: float
    high: float
    classes: int
    context: str = ""
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32), compare=False)
    chosen: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), compare=False)

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.correct / self.total

    @property
    def above_chance(self) -> bool:
        """Whether it is more than guessing gives, beyond the noise of the measurement."""
        return self.low > 1 / self.classes

    def __str__(self) -> str:
        images = f"{self.correct:,} of {self.total:,} held-out images"
        return f"{percent(self.share)} ({images}; 95 % interval {percent(self.low)} to {percent(self.high)})"


def trained_on(evidence: Evidence, data: str, others: Sequence[str]) -> str:
    """The data set to measure on: of several that a question allows the one that was trained on last."""
    used = (t.data_set for t in reversed(observed(evidence).trainings) if t.changed)
    return next((name for name in used if name in (data, *others)), data)


def measure(evidence: Evidence, data: str) -> Accuracy | Verdict:
    """The accuracy on a data set's held-out images, or the verdict that says why there is none."""
    labels = evidence.labels.get(data)
    if not labels:
        text = f"There are no held-out labels here of the data set {data} as this run saw it. A person will look."
        return Verdict(None, text)
    prediction = _prediction(evidence, data)
    model = _model(evidence, prediction)
    if prediction is None or model is None:
        hint = "Build and train your model in the cells of this question."
        return absent(evidence, f"No trained model was found to ask about the held-out images of {data}.", hint)
    if not prediction.outputs:
        return _unanswered(evidence, prediction, model)
    content = evidence.blobs.get(prediction.outputs)
    try:
        outputs = read_floats(content or b"")
    except ValueError as error:
        return Verdict(None, f"The predictions of {model.name} cannot be read: {error}. A person will look.")
    return _judged(evidence, model, outputs, labels, data)


def _prediction(evidence: Evidence, data: str) -> Prediction | None:
    """The prediction of a trained model if there is one: the last, as the best work usually comes last."""
    models = observed(evidence).models
    found = [p for p in observed(evidence).predictions if p.data_set == data]
    known = [p for p in found if p.model is not None and 0 <= p.model < len(models)]
    key = lambda p: (bool(p.outputs), models[p.model or 0].trained)  # noqa: E731
    return max(reversed(known), key=key, default=None)


def _model(evidence: Evidence, prediction: Prediction | None) -> Model | None:
    return None if prediction is None or prediction.model is None else observed(evidence).models[prediction.model]


def _unanswered(evidence: Evidence, prediction: Prediction, model: Model) -> Verdict:
    what = f"The model {model.name} gave no outputs for the held-out images"
    reason = prediction.error or "no reason is known"
    if lacked(evidence):
        return absent(evidence, f"{what}: {reason}.")
    if model.error is not None or not model.trained or any(trial.error for trial in model.batches):
        hint = "First make one batch of your data pass through the model."
        return absent(evidence, f"{what}: {reason}.", hint)
    return Verdict(None, f"{what}, although it was trained: {reason}. A person will look.")


def _judged(
    evidence: Evidence, model: Model, outputs: NDArray[np.float32], labels: Sequence[int], data: str
) -> Accuracy | Verdict:
    classes = max(labels) + 1
    problem = _shape_problem(outputs, len(labels), classes)
    if problem:
        hint = "Give one row per image and one column per class."
        return Verdict(0.0, f"{model.name} {problem}.", hint)
    if not model.trained:
        return absent(evidence, f"{model.name} was never trained: no optimizer step changed its weights.", "Train it.")
    chosen = choices(outputs)
    if len(set(labels)) > 1 and len(np.unique(chosen)) == 1:
        text = f"{model.name} gives class {chosen[0]} for all {len(labels):,} held-out images: it has learned nothing."
        return Verdict(0.0, text, "Check the loss, the learning rate, and that labels and images belong together.")
    correct = int(np.sum(chosen == np.asarray(labels)))
    low, high = wilson(correct, len(labels))
    return Accuracy(correct, len(labels), low, high, classes, _context(evidence, data), outputs, chosen)


def _shape_problem(outputs: NDArray[np.float32], images: int, classes: int) -> str:
    rows, *rest = outputs.shape or (0,)
    if rows != images:
        return f"gives {rows:,} rows for {images:,} images"
    columns = 1 if not rest else rest[0] if len(rest) == 1 else -1
    if columns == -1:
        return (
            f"gives an output of shape {'×'.join(map(str, rest))} per image where {classes} class scores are expected"
        )
    if columns != classes and not (columns == 1 and classes == 2):
        return (
            f"gives {columns} {'output' if columns == 1 else 'outputs'} per image where {classes} classes are expected"
        )
    return ""


def choices(outputs: NDArray[np.float32]) -> NDArray[np.int64]:
    """The chosen class per row; -1, which no label is, where a row holds a value that is not finite.

    Args:
        outputs: `(N, classes)` scores, or `(N,)` or `(N, 1)` for two classes: probabilities if all lie in [0, 1], else
            logits.
    """
    table = outputs.reshape(len(outputs), -1)
    finite = np.isfinite(table).all(axis=1)
    if table.shape[1] == 1:
        numbers = table[finite]
        threshold = 0.5 if numbers.size and numbers.min() >= 0 and numbers.max() <= 1 else 0.0
        chosen = (table[:, 0] > threshold).astype(np.int64)
    else:
        chosen = table.argmax(axis=1)
    return np.where(finite, chosen, -1)


def _context(evidence: Evidence, data: str) -> str:
    stands_for = evidence.stand_ins.get(data)
    sentences = []
    if stands_for:
        sentences.append(f"The real data set {data} is not used here. {_sentence(stands_for)}")
    return " ".join([*sentences, cut_words(evidence)]).strip()


def cut_words(evidence: Evidence) -> str:
    """What the budget cut of the training, in sentences; empty if nothing."""
    cuts = dict.fromkeys(t.cut.rstrip(".") for t in observed(evidence).trainings if t.cut)
    return " ".join(f"Training was cut short by the budget: {cut}." for cut in cuts)


def fewer_pictures(evidence: Evidence, data: str) -> bool:
    """Whether an epoch of the training had less than the published data set has."""
    stages = [t for t in observed(evidence).trainings if t.data_set == data and t.changed]
    return any(t.images / max(1, t.epochs) < 0.9 * PUBLISHED.get(data, 0) for t in stages)


def weights_stood_in(evidence: Evidence) -> str:
    """What the run says about pretrained weights that were not to be had; empty if there is nothing to say."""
    notes = [*evidence.notes, *observed(evidence).notes]
    said = (note.message for note in notes if note.kind == "stand-in" and note.subject.endswith(_WEIGHTS))
    return " ".join(dict.fromkeys(map(_sentence, said)))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
