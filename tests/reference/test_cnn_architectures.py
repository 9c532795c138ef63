"""The numbers that the reference declares, and those of the papers, recounted on the networks as they are built."""

import pytest

from tests.reference.definitions import ROOT, definitions

ASSIGNMENT = "cnn-architectures"
FOLDER = ROOT / ASSIGNMENT
pytestmark = [pytest.mark.torch, pytest.mark.data]


def parameters(module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("name", ["q6.py", "q7.py", "q8.py", "q9.py"])
def test_every_file_names_its_question(name):
    assert (FOLDER / name).read_text().splitlines()[0] == f"# question: {name.removesuffix('.py')}"


def test_lenet5_has_the_parameters_of_its_table():
    q6 = definitions(ASSIGNMENT, "q6.py")
    lenet = q6.LeNet5()
    layers = [parameters(layer) for layer in (lenet.c1, lenet.c3, lenet.c5, lenet.f6, lenet.output)]
    assert layers == [156, 2_416, 48_120, 10_164, 850]
    assert parameters(lenet) == q6.LENET5_PARAMETERS == 61_706


@pytest.mark.parametrize("batch", [1, 2, 5, 64])
def test_lenet5_keeps_the_batch_axis(batch):
    import torch

    lenet = definitions(ASSIGNMENT, "q6.py").LeNet5()
    assert lenet(torch.zeros(batch, 1, 28, 28)).shape == (batch, 10)


def test_lenet5_has_the_shapes_of_the_paper():
    import torch

    lenet = definitions(ASSIGNMENT, "q6.py").LeNet5()
    c1 = lenet.c1(torch.zeros(1, 1, 28, 28))
    c3 = lenet.c3(lenet.pool(c1))
    c5 = lenet.c5(lenet.pool(c3))
    assert [tuple(x.shape[1:]) for x in (c1, c3, c5)] == [(6, 28, 28), (16, 10, 10), (120, 1, 1)]


def test_vgg16_base_and_head():
    import torch
    from torchvision import models

    q7 = definitions(ASSIGNMENT, "q7.py")
    with torch.device("meta"):  # shapes and counts only: no gigabyte of weights
        base = models.vgg16(init_weights=False).features
        features = base(torch.zeros(2, 3, q7.SIZE, q7.SIZE))
    assert parameters(base) == q7.VGG16_BASE_PARAMETERS == 14_714_688
    assert features.shape == (2, 512, 2, 2)
    assert features.shape[1:].numel() == 512 * (q7.SIZE // 32) ** 2


def test_the_last_block_of_vgg16_is_what_fine_tuning_unfreezes():
    import torch
    from torchvision import models

    with torch.device("meta"):
        base = models.vgg16(init_weights=False).features
    assert "vgg.base[24:].requires_grad_(True)" in (FOLDER / "q7.py").read_text()
    assert [type(layer).__name__ for layer in base[23:]] == ["MaxPool2d", *["Conv2d", "ReLU"] * 3, "MaxPool2d"]


def test_alexnet_first_convolution():
    import torch
    from torchvision import models

    q8 = definitions(ASSIGNMENT, "q8.py")
    with torch.device("meta"):
        conv1 = models.alexnet().features[0]
        maps = conv1(torch.zeros(1, 3, 224, 224))
    assert parameters(conv1) == q8.CONV1_PARAMETERS == 23_296
    assert tuple(conv1.weight.shape) == (q8.FILTERS, 3, 11, 11)
    assert maps.shape == (1, q8.FILTERS, 55, 55)


def test_filters_are_stretched_to_the_unit_range():
    import torch

    stretched = definitions(ASSIGNMENT, "q8.py").to_unit_range(torch.tensor([[-2.0, 0.0], [1.0, 2.0]]))
    assert stretched.tolist() == [[0.0, 0.5], [0.75, 1.0]]


def test_googlenet_has_the_declared_parameters():
    q9 = definitions(ASSIGNMENT, "q9.py")
    googlenet = q9.GoogLeNet()
    assert parameters(googlenet) == q9.GOOGLENET_PARAMETERS
    assert sum(isinstance(module, q9.Inception) for module in googlenet.modules()) == 9


def test_inception_modules_have_half_of_the_widths_of_table_1():
    import torch

    q9 = definitions(ASSIGNMENT, "q9.py")
    googlenet = q9.GoogLeNet()
    outputs = []
    for module in googlenet.modules():
        if isinstance(module, q9.Inception):
            module.register_forward_hook(lambda _module, _inputs, output: outputs.append(tuple(output.shape[1:])))
    logits = googlenet.eval()(torch.zeros(2, 3, 32, 32))
    assert logits.shape == (2, 10)
    table_1 = (256, 480, 512, 512, 512, 528, 832, 832, 1024)
    sizes = (8, 8, 4, 4, 4, 4, 4, 2, 2)
    assert outputs == [(width // 2, size, size) for width, size in zip(table_1, sizes, strict=True)]
