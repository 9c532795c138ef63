"""The numbers that the references of LeNet and AlexNet declare, and torchvision's AlexNet beside ours."""

import pytest

from tests.reference.definitions import definitions, parameters

ASSIGNMENT = "lenet-alexnet"
pytestmark = [pytest.mark.torch, pytest.mark.data]


def counts(network) -> list[int]:
    """Parameters of the layers that have some, in order."""
    return [count for layer in network.modules() if not list(layer.children()) and (count := parameters(layer))]


def shapes(network, batch) -> list[tuple[int, ...]]:
    """What the layers of a Sequential give, without the batch axis, where the shape changes."""
    found = []
    for layer in network:
        batch = layer(batch)
        if not found or tuple(batch.shape[1:]) != found[-1]:
            found.append(tuple(batch.shape[1:]))
    return found


def test_lenet5_has_the_parameters_of_its_table():
    b4 = definitions(ASSIGNMENT, "b4.py")
    lenet = b4.lenet5()
    assert counts(lenet) == [156, 2_416, 48_120, 10_164, 850]
    assert parameters(lenet) == b4.LENET5_PARAMETERS == 61_706


def test_lenet5_has_the_shapes_of_the_paper():
    import torch

    lenet = definitions(ASSIGNMENT, "b4.py").lenet5()
    wanted = [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (400,), (120,), (84,), (10,)]
    assert shapes(lenet, torch.zeros(3, 1, 28, 28)) == wanted


def test_rights_are_counted_per_class():
    import torch
    from torch import nn

    class First(nn.Module):
        """Says 0 of every picture."""

        def forward(self, x):
            return nn.functional.one_hot(torch.zeros(len(x), dtype=torch.long), 10).float()

    batches = [(torch.zeros(3, 1), torch.tensor([0, 1, 0])), (torch.zeros(1, 1), torch.tensor([9]))]
    right, seen = definitions(ASSIGNMENT, "b4.py").rights_per_class(First(), batches)
    assert (right[0], right.sum()) == (2, 2)
    assert (seen[0], seen[1], seen[9]) == (2, 1, 1)


def test_alexnet_has_the_parameters_and_shapes_of_its_table():
    import torch

    c4 = definitions(ASSIGNMENT, "c4.py")
    alexnet = c4.AlexNet32().eval()
    assert counts(alexnet) == [896, 76_896, 166_080, 221_312, 147_584, 525_312, 1_049_600, 10_250]
    assert parameters(alexnet) == c4.ALEXNET32_PARAMETERS == 2_197_930
    pictures = torch.zeros(2, 3, 32, 32)
    sizes = [(32, 16, 16), (32, 8, 8), (96, 8, 8), (96, 4, 4), (192, 4, 4), (128, 4, 4), (128, 2, 2)]
    assert shapes(alexnet.features, pictures) == sizes
    assert alexnet(pictures).shape == (2, 10)


def test_alexnet_is_torchvisions_in_half_of_its_widths():
    import torch
    from torch import nn
    from torchvision import models

    ours = definitions(ASSIGNMENT, "c4.py").AlexNet32()
    with torch.device("meta"):
        theirs = models.alexnet()
    layers = [type(layer) for layer in ours.features]
    assert layers == [type(layer) for layer in theirs.features]
    assert [type(layer) for layer in ours.classifier] == [type(layer) for layer in theirs.classifier]
    pairs = zip(ours.features, theirs.features, strict=True)
    convs = [(a, b) for a, b in pairs if isinstance(a, nn.Conv2d)]
    assert [2 * a.out_channels for a, _ in convs] == [b.out_channels for _, b in convs]
    # The first window is another one, because the picture is smaller.
    assert [(a.kernel_size, a.padding) for a, _ in convs[1:]] == [(b.kernel_size, b.padding) for _, b in convs[1:]]
