import numpy as np
import pytest

from grader.data.synthetic import pictures


def test_pictures_are_balanced_and_repeatable():
    images, labels = pictures(205, seed=4)
    assert images.shape == (205, 32, 32, 3)
    assert images.dtype == labels.dtype == np.uint8
    assert sorted(np.bincount(labels)) == [20] * 5 + [21] * 5
    again, _ = pictures(205, seed=4)
    other, _ = pictures(205, seed=5)
    assert np.array_equal(images, again)
    assert not np.array_equal(images, other)


def test_no_two_pictures_are_alike():
    images, _ = pictures(500, seed=4)
    assert len({image.tobytes() for image in images}) == 500
    assert images.std() > 30


def test_mean_colour_alone_does_not_tell_the_kind():
    images, labels = pictures(2000, seed=4)
    means = images.reshape(2000, -1, 3).mean(axis=1)
    centres = np.stack([means[:1000][labels[:1000] == kind].mean(axis=0) for kind in range(10)])
    guesses = np.linalg.norm(means[1000:, None] - centres, axis=2).argmin(axis=1)
    assert (guesses == labels[1000:]).mean() < 0.3


@pytest.mark.torch
def test_a_small_cnn_learns_it_and_a_linear_model_does_not():
    import torch
    from torch import nn

    def learn(net: nn.Module, epochs: int) -> float:
        optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(epochs):
            for batch in torch.randperm(len(x)).split(64):
                optimiser.zero_grad()
                nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
                optimiser.step()
        with torch.no_grad():
            return float((net(x_test).argmax(1) == y_test).float().mean())

    def tensors(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        images, labels = pictures(count, seed)
        return torch.tensor(images).permute(0, 3, 1, 2) / 127.5 - 1, torch.tensor(labels).long()

    def stage(channels: int, maps: int) -> list[nn.Module]:
        return [nn.Conv2d(channels, maps, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]

    torch.manual_seed(0)
    (x, y), (x_test, y_test) = tensors(3000, 1), tensors(600, 3)
    head = [nn.Flatten(), nn.Linear(64 * 4 * 4, 64), nn.ReLU(), nn.Linear(64, 10)]
    cnn = learn(nn.Sequential(*stage(3, 32), *stage(32, 64), *stage(64, 64), *head), epochs=3)
    linear = learn(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10)), epochs=3)
    assert 0.6 < cnn < 0.9
    assert linear < cnn - 0.1
