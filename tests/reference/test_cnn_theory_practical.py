"""The numbers that the references of the practical part declare, recounted on the networks as they are built."""

import re
import runpy
from pathlib import Path

import pytest

from tests.reference.definitions import ROOT, definitions, docstring, parameters

ASSIGNMENT = "cnn-theory-practical"
pytestmark = [pytest.mark.torch, pytest.mark.tensorflow, pytest.mark.data]

# Parameters per row of the tables in the docstrings: `80 = 8·(1·3·3 + 1)` is a sum that must be right.
_ROW = re.compile(r"(?P<count>[\d,]+) = (?P<sum>\d[\d·,]*(?:\([\d·,]+ \+ \d+\))?)")
NETWORKS = ["p4", "p5", "p6", "p7", "p8", "p9", "p11", "p13"]


@pytest.fixture(scope="module", autouse=True)
def _torchvision_first():
    """TensorFlow before torchvision crashes the process."""
    import torchvision  # noqa: F401


def as_number(text: str) -> int:
    return eval(text.replace("·", "*").replace(",", ""))


@pytest.mark.parametrize("question", NETWORKS)
def test_the_tables_add_up_to_what_is_declared(question):
    rows = [match.groupdict() for match in _ROW.finditer(docstring(ASSIGNMENT, f"{question}.py"))]
    assert rows
    assert [as_number(row["count"]) for row in rows] == [as_number(row["sum"]) for row in rows]
    declared = vars(definitions(ASSIGNMENT, f"{question}.py"))[f"{question.upper()}_PARAMETERS"]
    assert sum(as_number(row["count"]) for row in rows) == declared


@pytest.mark.parametrize(("question", "name"), [("p4", "SmallCNN"), ("p8", "NormalisedCNN")])
@pytest.mark.parametrize("batch", [2, 5])
def test_the_classes_have_what_they_declare_and_keep_the_batch_axis(question, name, batch):
    import torch

    made = definitions(ASSIGNMENT, f"{question}.py")
    network = getattr(made, name)()
    assert parameters(network) == getattr(made, f"{question.upper()}_PARAMETERS")
    assert network(torch.zeros(batch, 1, 28, 28)).shape == (batch, 10)


@pytest.mark.parametrize("question", ["p6", "p7", "p9"])
def test_the_keras_models_have_what_they_declare(question, capsys):
    ran = runpy.run_path(str(ROOT / ASSIGNMENT / f"{question}.py"))
    assert ran["model"].count_params() == ran[f"{question.upper()}_PARAMETERS"]
    assert "Total params" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "part", "count"), [("vgg16", "classifier", 123_642_856), ("resnet50", "fc", 2_049_000)]
)
def test_the_printed_networks_are_those_of_torchvision(name, part, count):
    import torch
    from torchvision import models

    with torch.device("meta"):
        network = getattr(models, name)()
    assert parameters(getattr(network, part)) == count
    declared = {"vgg16": ("p10.py", "VGG16_PARAMETERS"), "resnet50": ("p12.py", "RESNET50_PARAMETERS")}[name]
    keras_count = vars(definitions(ASSIGNMENT, declared[0]))[declared[1]]
    # Keras counts a bias for each of ResNet's convolutions, and a mean and a variance for each normalised channel.
    channels = sum(module.num_features for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d))
    assert keras_count == parameters(network) + 3 * channels


def test_every_question_of_the_practical_part_has_a_reference():
    assert {path.stem for path in Path(ROOT / ASSIGNMENT).glob("*.py")} == {f"p{number}" for number in range(1, 14)}
