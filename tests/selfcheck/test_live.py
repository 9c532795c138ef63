"""`grader.check` and `%grader` in real kernels, and in a hand-in that is graded."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

RUBRIC = """
assignment: live
title: Live
questions:
  - id: q6
    title: A network
    prompt: Build and train a small network.
    input_shape: [2, 1, 8, 8]
    points: 20
    criteria:
      - {id: layers, title: The layers, check: architecture, points: 5, with: {parameters: 61706}}
      - {id: training, title: The training, check: training, points: 10, with: {optimizer: [SGD]}}
      - {id: runs, title: All runs, check: runs, points: 5}
"""
LAYERS = "Seen before hand-in, for no points: The layers"
TORCH = """
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(64, 3)
    def forward(self, x):
        return self.head(x.reshape(ROWS, 64))
model = Net()
x, y = torch.randn(64, 1, 8, 8), torch.randint(0, 3, (64,))
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=16)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(4):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
"""
KERAS = """
import numpy as np, keras
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])
model.compile(optimizer="SGD", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(np.random.rand(64, 8, 8, 1), np.random.randint(0, 3, 64), epochs=4, verbose=0)
"""


def shown(folder: Path, *sources: str) -> list[dict[str, str]]:
    """What the last output of each cell shows, by MIME type, run in a plain kernel in a folder with the rubric."""
    (folder / "live.yaml").write_text(RUBRIC)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(book, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return [dict(cell.outputs[-1].get("data", {})) if cell.outputs else {} for cell in book.cells]


@pytest.mark.torch
def test_a_torch_notebook_asks_in_both_ways(tmp_path):
    code = TORCH.replace("ROWS", "len(x)")
    *_, called, asked, again = shown(tmp_path, "import grader", code, 'grader.check("q6")', "%grader q6", "%grader q7")
    assert "10 of 10 points that can be judged here" in called["text/html"]
    assert "passed</b>: The training" in called["text/html"]
    assert "All runs" in called["text/html"].split("Not judged here")[1]
    assert "61706" not in called["text/html"]
    assert asked["text/plain"] == called["text/plain"]
    assert "no question" in again["text/html"]


@pytest.mark.torch
def test_a_batch_that_is_mixed_up_is_seen_and_a_mended_one_too(tmp_path):
    wrong, right = TORCH.replace("ROWS", "16"), TORCH.replace("ROWS", "len(x)")
    before, after = (
        out["text/html"]
        for out in shown(tmp_path, "import grader", wrong, 'grader.check("q6")', right, 'grader.check("q6")')[2::2]
    )
    assert f"not yet</b>: {LAYERS}" in before
    assert f"passed</b>: {LAYERS}" in after


@pytest.mark.tensorflow
def test_a_keras_notebook(tmp_path):
    *_, called = shown(tmp_path, "import grader", KERAS, 'grader.check("q6")')
    assert "10 of 10 points that can be judged here" in called["text/html"]
    assert f"passed</b>: {LAYERS}" in called["text/html"]


def test_nothing_is_imported_or_changed_that_nobody_asked_for(tmp_path):
    code = "import sys; print([m for m in ('torch', 'tensorflow', 'keras', 'matplotlib') if m in sys.modules])"
    ask = "print(input.__module__ if hasattr(input, '__module__') else input)"
    (tmp_path / "live.yaml").write_text(RUBRIC)
    cells = ["import grader", 'verdict = grader.check("q6")', code, ask]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(book, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert book.cells[2].outputs[0].text == "[]\n"
    assert "grader" not in book.cells[3].outputs[0].text


def test_students_words_are_escaped():
    from grader.records import Answer, CriterionGrade, QuestionGrade, Verdict
    from grader.selfcheck.live import LiveVerdict

    evil = "<img src=x onerror=alert(1)>"
    criterion = CriterionGrade("a", "A", "training", 1, 0, True, Verdict(0.0, evil, evil))
    html = LiveVerdict(
        QuestionGrade("q1", evil, 1, 0, "passed", None, Answer("q1"), (criterion,)), (evil,)
    )._repr_html_()
    assert "<img" not in html
    assert html.count("&lt;img") == 4
    assert "<img" not in LiveVerdict(None, problem=evil)._repr_html_()


@pytest.mark.kernel
@pytest.mark.parametrize("isolation", ["bwrap", "none"])
def test_a_hand_in_with_checks_in_it_is_graded_as_without(notebook, tmp_path, typed, isolation):
    (tmp_path / "small.yaml").write_text(
        "assignment: small\ntitle: Small\nquestions:\n"
        "  - {id: q1, title: Sums, prompt: Compute the sum of the first ten numbers and print it., points: 4,\n"
        "     criteria: [{id: runs, title: It runs, check: runs, points: 4}]}\n"
    )
    code = 'import grader\n%load_ext grader\nprint(sum(range(10)))\n%grader q1\ngrader.check("q1")'
    notebook(tmp_path / "homework.ipynb", code)
    result = typed(tmp_path, "grade", "homework.ipynb", "--rubric", "small.yaml", "--isolation", isolation)
    assert result.returncode == 0, result.stderr
    assert "4/4" in result.stdout
