"""The numbers that the reference declares, recounted on the networks as they are built, and its helpers."""

import math

import numpy as np
import pytest

from tests.reference.definitions import ROOT, definitions

ASSIGNMENT = "cnn-basics"
FOLDER = ROOT / ASSIGNMENT
pytestmark = [pytest.mark.torch, pytest.mark.tensorflow]


@pytest.fixture(scope="module", autouse=True)
def _torchvision_first():
    """TensorFlow before torchvision crashes the process."""
    import torchvision  # noqa: F401


@pytest.mark.parametrize("name", ["q6.py", "q7.py", "q8.py", "q9.py", "q10.py"])
def test_every_file_names_its_question(name):
    assert (FOLDER / name).read_text().splitlines()[0] == f"# question: {name.removesuffix('.py')}"


@pytest.mark.parametrize(
    ("name", "network", "sizes", "outputs"),
    [
        ("q6.py", "digits_network", [160, 4_640, 8_010], 10),
        ("q7.py", "colour_network", [448, 64, 4_640, 128, 18_496, 256, 650], 10),
        ("q9.py", "folder_network", [448, 4_640, 9_248, 36_896, 33], 1),
        ("q10.py", "xray_network", [160, 4_640, 18_496, 65], 1),
    ],
)
def test_keras_networks_have_the_parameters_of_their_tables(name, network, sizes, outputs):
    reference = definitions(ASSIGNMENT, name)
    model = getattr(reference, network)()
    assert [layer.count_params() for layer in model.layers if layer.count_params()] == sizes
    assert model.count_params() == reference.PARAMETERS == sum(sizes)
    assert model.output_shape == (None, outputs)


def test_maps_have_the_sizes_of_the_formula():
    """floor((N + 2P - F) / S) + 1, for the layers of q6 that its table lists."""
    model = definitions(ASSIGNMENT, "q6.py").digits_network()
    size, sizes = 28, []
    for window, stride in ((3, 1), (2, 2), (3, 1), (2, 2)):
        size = math.floor((size - window) / stride) + 1
        sizes.append(size)
    assert sizes == [26, 13, 11, 5]
    assert [layer.output.shape[1] for layer in model.layers[:4]] == sizes


def test_the_torch_network_has_the_parameters_of_its_table():
    q8 = definitions(ASSIGNMENT, "q8.py")
    model = q8.DigitsNetwork()
    layers = (model.conv1, model.conv2, model.hidden, model.output)
    assert [sum(p.numel() for p in layer.parameters()) for layer in layers] == [80, 1_168, 50_240, 650]
    assert sum(p.numel() for p in model.parameters()) == q8.PARAMETERS


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_the_torch_network_keeps_the_batch_axis(batch):
    import torch

    assert definitions(ASSIGNMENT, "q8.py").DigitsNetwork()(torch.zeros(batch, 1, 28, 28)).shape == (batch, 10)


def test_recalls_of_both_classes():
    probabilities = np.array([[0.1], [0.7], [0.9], [0.8], [0.2]])
    labels = np.array([[0.0], [0.0], [1.0], [1.0], [1.0]])
    assert definitions(ASSIGNMENT, "q10.py").recalls(probabilities, labels) == pytest.approx((1 / 2, 2 / 3))
