"""Answers without the work: cells of a notebook for one question, made of what the reference showed."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

import nbformat
import numpy as np

from grader.checks import CHECKS
from grader.records import CallRequest, Evidence, Value
from grader.rubric import Criterion, Question

Cells = list[dict[str, object]]
MOST_TEXT = 4_000
MOST_NUMBERS = 64  # of an array: nobody types in more

CLAIMS = """
accuracy = acc = test_accuracy = test_acc = val_accuracy = 0.9876
loss = test_loss = 0.0421
training_time = seconds = elapsed = 31.4
history = {
    "loss": [0.91, 0.42, 0.21, 0.11, 0.05], "val_loss": [0.95, 0.47, 0.27, 0.18, 0.14],
    "accuracy": [0.71, 0.86, 0.93, 0.97, 0.99], "val_accuracy": [0.69, 0.84, 0.91, 0.94, 0.95],
}
print("Epoch 1: loss 0.91, accuracy 0.71")
print("Epoch 5: loss 0.05, accuracy 0.99")
print(f"Test accuracy: {100 * accuracy:.2f} %")
print(f"Training time: {training_time} s")
"""
CURVES = """
import matplotlib.pyplot as plt

plt.figure()
for values, name in (([0.71, 0.86, 0.93, 0.97, 0.99], "training"), ([0.69, 0.84, 0.91, 0.94, 0.95], "validation")):
    plt.plot(range(1, 6), values, label=f"{name} {WORD}")
plt.title(f"{WORD} over the epochs")
plt.xlabel("epoch")
plt.ylabel(WORD)
plt.legend()
plt.show()
"""
NOISE = """
import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(COUNT // 8 + 1, 8)
figure.suptitle(f"{WORD} of the first convolution")
for place in axes.flat[:COUNT]:
    place.imshow(np.random.rand(11, 11, 3))
    place.axis("off")
plt.show()
"""


def notebook(cells: Cells) -> bytes:
    """A notebook of such cells, as it is handed in."""
    text: str = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    return text.encode()


def code_cell(question: Question, source: str, outputs: Sequence[object] = ()) -> dict[str, object]:
    """A code cell that names its question."""
    cell: dict[str, object] = nbformat.v4.new_code_cell(f"# question: {question.id}\n{source}", outputs=list(outputs))
    return cell


def empty_answer(question: Question, _shown: Evidence | None) -> Cells:
    """The question and nothing below it."""
    return [code_cell(question, "# your code here")]


def printed(question: Question, shown: Evidence | None) -> Cells:
    """Prints what the reference printed."""
    text = _text_of(shown)
    return [code_cell(question, f"print({text!r})")] if text else []


def hard_coded(question: Question, shown: Evidence | None) -> Cells:
    """Results typed in under the usual names, and those of the reference under its own."""
    seen = shown.question.observation if shown else None
    own = [line for value in (seen.values if seen else ()) if (line := _literal(value))]
    return [code_cell(question, "\n".join([CLAIMS.strip(), *own]))]


def copied_outputs(question: Question, shown: Evidence | None) -> Cells:
    """Saved outputs of the reference, without the code that made them."""
    outputs = list(_outputs(shown)) if shown else []
    return [code_cell(question, "", outputs)] if outputs else []


def drawn(question: Question, _shown: Evidence | None) -> Cells:
    """For each figure that is asked for, one of typed-in numbers, or of noise."""
    asked = [criterion for criterion in question.criteria if criterion.check == "figure"]
    return [code_cell(question, source) for criterion in asked for source in _figures(criterion)]


def zeros_of(question: Question, shown: Evidence | None) -> Cells:
    """For each function that is asked for, one that gives zeros in the right shape."""
    calls = shown.question.observation.calls if shown and shown.question.observation else ()
    cells: Cells = []
    for criterion in question.criteria:
        requests = CHECKS[criterion.check].requests(criterion.parameters, 0)
        asked = {request.id: request for request in requests if isinstance(request, CallRequest)}
        result = next((call.value for call in calls if call.request in asked and call.value), None)
        if result is not None:
            name = next(iter(asked.values())).names[0]
            body = f"def {name}(*arguments, **named):\n    return np.zeros({result.shape!r})"
            cells.append(code_cell(question, f"import numpy as np\n\n{body}"))
    return cells


def _text_of(shown: Evidence | None) -> str:
    return "".join(run.text for run in shown.question.runs)[-MOST_TEXT:] if shown else ""


def _literal(value: Value) -> str:
    """A variable of the reference as somebody would type it in."""
    numbers = np.array(value.values)
    if not value.name.isidentifier() or not 0 < numbers.size <= MOST_NUMBERS or not np.isfinite(numbers).all():
        return ""
    return f"{value.name} = {numbers.reshape(value.shape).tolist()!r}"


def _outputs(shown: Evidence) -> Iterator[Any]:
    if text := _text_of(shown):
        yield nbformat.v4.new_output("stream", name="stdout", text=text)
    seen = shown.question.observation
    for figure in seen.figures if seen else ():
        if figure.png in shown.blobs:
            data = {"image/png": base64.b64encode(shown.blobs[figure.png]).decode()}
            yield nbformat.v4.new_output("display_data", data=data)


def _figures(criterion: Criterion) -> Iterator[str]:
    asked = criterion.parameters
    pictures, shows = getattr(asked, "pictures", 0), getattr(asked, "shows", ())
    word = next(iter(getattr(asked, "words", ())), "accuracy")
    for number in range(getattr(asked, "figures", 1)):
        shown = shows[number % len(shows)] if shows else word
        template = NOISE.replace("COUNT", str(pictures)) if pictures else CURVES
        yield template.replace("{WORD}", shown).replace("WORD", repr(shown)).strip()
