"""Hand-ins that claim work they did not do."""

import json
import subprocess
import sys

import pytest

from grader.rubric import load_rubric
from grader.verify.cases import TRIVIAL
from grader.verify.spoiling import hardly_trained, one_class, untrained
from grader.verify.trivial import ABOUT, Known, trivial_cases

LOOP = """
for epoch in range(9):
    for images, labels in batches:
        loss = loss_of(model(images), labels)
        loss.backward()
        optimizer.step()
    scheduler.step()
print(loss)
"""


def test_every_one_has_words():
    assert set(ABOUT) == set(TRIVIAL)


def test_training_is_cut_out_and_all_else_stays():
    cut = untrained(LOOP)
    assert "step()" not in cut
    assert "loss.backward()\n        break" in cut  # one batch shows as much as all
    assert "print(loss)" in cut
    assert untrained("def train():\n    optimizer.step()\n").splitlines() == ["def train():", "    pass"]
    assert untrained("model.fit(x, y)\nmodel.evaluate(x, y)") == "model.evaluate(x, y)"


def test_training_is_cut_short_after_one_step():
    assert "optimizer.step()\n        break" in hardly_trained(LOOP)
    fit = hardly_trained("history = model.fit(x, y, epochs=20, verbose=2)")
    assert fit == "history = model.fit(x, y, verbose=2, epochs=1, steps_per_epoch=1)"


@pytest.mark.parametrize("source", ["print(1)", "!pip install x", ""])
def test_where_nothing_trains_nothing_is_spoiled(source):
    assert not untrained(source)
    assert not hardly_trained(source)


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_one_class_is_python(framework):
    compile(one_class(framework, 3), framework, "exec")


LOCAL = """
def hidden(x, models=[]):
    models.append(nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)))
    return lambda: models[0](x)
"""


@pytest.mark.torch
def test_a_model_that_only_a_function_knows_answers_with_one_class_too():
    shown = "answer = hidden(torch.rand(9, 4))\n{spoil}\nprint(answer().argmax(1).unique().tolist())"
    code = f"import torch\nfrom torch import nn\n{LOCAL}\n{shown.format(spoil=one_class('torch', 2))}"
    # In a process of its own: it spoils every model that there is.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[2]"


def test_without_a_reference_there_still_are_empty_and_typed_in_ones(assignment):
    made = trivial_cases(Known(load_rubric(assignment), {}, {}))
    assert [case.name for case in made] == ["empty", "hard-coded-results"]
    assert all(case.questions == ("q1",) for case in made)  # q2 is for a person
    assert all(json.loads(case.content)["cells"] for case in made)
    assert not trivial_cases(Known(load_rubric(assignment), {}, {}), ["triples"])
