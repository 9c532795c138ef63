"""The numbers that the reference declares, and those of the papers, recounted on the networks as they are built."""

import pytest

from tests.reference.definitions import ROOT, definitions

ASSIGNMENT = "cnn-architectures"
FOLDER = ROOT / ASSIGNMENT
ALTERNATIVES = FOLDER / "alternatives"
pytestmark = [pytest.mark.torch, pytest.mark.data]


def parameters(module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("path", [*FOLDER.glob("*.py"), *ALTERNATIVES.glob("*.py")], ids=lambda path: path.stem)
def test_every_file_names_its_question_and_says_what_it_is(path):
    header, first, *_ = path.read_text().splitlines()
    assert header == f"# question: {path.stem.partition('-')[0]}"
    assert first.startswith('"""')


def test_every_question_with_code_has_a_reference_and_both_frameworks():
    answered = {path.stem for path in FOLDER.glob("*.py")}
    assert answered == {"q6", "q7", "q8", "q9", "q10"}
    others = {tuple(path.stem.split("-")[:2]) for path in ALTERNATIVES.glob("*.py")}
    # keras.applications has no AlexNet, so nobody can draw its filters with Keras.
    assert {(question, "keras") for question in ("q6", "q7", "q9", "q10")} <= others
    assert {(question, "torch") for question in ("q6", "q7", "q8", "q9")} <= others


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
    assert features.shape == (2, 512, 1, 1)
    assert features.shape[1:].numel() == 512 * (q7.SIZE // 32) ** 2


def test_vgg16_head_has_the_declared_parameters(monkeypatch):
    import torch
    from torchvision import models

    q7 = definitions(ASSIGNMENT, "q7.py")
    build = models.vgg16
    monkeypatch.setattr(models, "vgg16", lambda weights: build(init_weights=False))
    with torch.device("meta"):
        network = q7.Classifier(classes=2)
        logits = network(torch.zeros(2, 3, q7.SIZE, q7.SIZE))
    assert logits.shape == (2, 2)
    assert parameters(network.base) == q7.VGG16_BASE_PARAMETERS
    assert parameters(network.head) == q7.HEAD_PARAMETERS == 65_922


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


@pytest.fixture
def xray(monkeypatch):
    """`q10.py`, with networks of the right shapes and no weights."""
    import torch
    from torchvision import models

    q10 = definitions(ASSIGNMENT, "q10.py")
    get_model = models.get_model
    monkeypatch.setattr(models, "get_model", lambda name, weights: get_model(name))
    with torch.device("meta"):
        yield q10


@pytest.mark.parametrize("name", ["resnet50", "densenet121"])
def test_xray_networks_are_those_of_torchvision_with_a_head_of_three(xray, name):
    import torch
    from torchvision import models

    network, published = xray.xray_classifier(name), models.get_model(name, weights=None)
    free = sum(p.numel() for p in network.parameters() if p.requires_grad)
    assert free == xray.HEAD_PARAMETERS[name]
    assert parameters(network) - free == xray.BASE_PARAMETERS[name]
    shapes = [tuple(p.shape) for p in published.parameters()][:-2]
    assert [tuple(p.shape) for p in network.parameters()][:-2] == shapes
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 3)


def test_the_rare_class_weighs_more():
    q10 = definitions(ASSIGNMENT, "q10.py")
    weights = q10.weights_of_classes((400, 400, 80))
    assert weights.tolist() == pytest.approx([880 / 1200, 880 / 1200, 880 / 240])
    assert sum(w * n for w, n in zip(weights.tolist(), (400, 400, 80), strict=True)) / 880 == pytest.approx(1)


def test_recall_of_each_class():
    import torch

    truth, answers = torch.tensor([0, 0, 1, 2, 2, 2]), torch.tensor([0, 1, 1, 2, 0, 2])
    assert definitions(ASSIGNMENT, "q10.py").recall_of_classes(truth, answers).tolist() == pytest.approx(
        [0.5, 1.0, 2 / 3]
    )


def test_grad_cam_points_at_what_makes_the_score():
    import torch
    from torch import nn

    network = nn.Sequential(nn.Conv2d(3, 1, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    nn.init.ones_(network[0].weight)
    picture = torch.zeros(1, 3, 4, 4)
    picture[..., 1, 2] = 1.0
    heat = definitions(ASSIGNMENT, "q10.py").grad_cam(network, network[0], picture)
    assert heat.shape == (4, 4)
    assert heat[1, 2] == 1.0
    assert heat.sum() == 1.0


# --- Keras: what it counts, and what keras.applications has -----------------------------------------------------------


@pytest.mark.tensorflow
def test_lenet5_in_keras_has_the_layers_of_the_table():
    lenet = definitions(ASSIGNMENT, "alternatives/q6-keras-sequential.py")
    model = lenet.lenet5()
    assert model.count_params() == lenet.LENET5_PARAMETERS == 61_706
    assert [n for layer in model.layers if (n := layer.count_params())] == [156, 2_416, 48_120, 10_164, 850]
    shapes = [layer.output.shape[1:] for layer in model.layers[:5]]
    assert shapes == [(28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (1, 1, 120)]


@pytest.mark.tensorflow
def test_vgg16_in_keras_is_that_of_keras_applications(monkeypatch):
    q7 = definitions(ASSIGNMENT, "alternatives/q7-keras-directory.py")
    build = q7.VGG16
    q7.classifier.__globals__["VGG16"] = lambda **given: build(**{**given, "weights": None})
    network, base = q7.classifier(classes=2)
    assert base.count_params() == q7.VGG16_BASE_PARAMETERS == 14_714_688
    assert base.output.shape[1:] == (1, 1, 512)
    assert network.count_params() - base.count_params() == q7.HEAD_PARAMETERS == 65_922


@pytest.mark.tensorflow
def test_googlenet_in_keras_has_an_eighth_of_the_widths_of_table_1():
    q9 = definitions(ASSIGNMENT, "alternatives/q9-keras-functional.py")
    model = q9.googlenet()
    assert model.count_params() == q9.GOOGLENET_PARAMETERS
    table_1 = {"3a": (256, 8), "3b": (480, 8), "4a": (512, 4), "5b": (1024, 2)}
    for name, (width, size) in table_1.items():
        assert model.get_layer(name).output.shape[1:] == (size, size, width // 8)


@pytest.mark.tensorflow
def test_densenet121_in_keras_is_that_of_torchvision():
    import keras
    import torch
    from torchvision import models

    q10 = definitions(ASSIGNMENT, "alternatives/q10-keras-densenet.py")
    base = keras.applications.DenseNet121(include_top=False, weights=None, input_shape=(64, 64, 3), pooling="avg")
    assert base.count_params() == q10.BASE_PARAMETERS == 7_037_504
    with torch.device("meta"):
        published = models.densenet121().features
    trained = sum(weight.shape.num_elements() for weight in base.trainable_weights)
    assert trained == parameters(published) == 6_953_856
    assert 3 * (base.output.shape[-1] + 1) == q10.HEAD_PARAMETERS
