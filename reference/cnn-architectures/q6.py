# question: q6
"""LeNet-5 on MNIST.

LeCun, Bottou, Bengio, Haffner (1998), "Gradient-based learning applied to document recognition", Proceedings of the
IEEE 86(11), fig. 2.

The paper pads the 28×28 digits to 32×32; `padding=2` in C1 does the same. Three simplifications that everybody makes
today: C3 sees all six maps of S2 (the paper's table I connects only some), the poolings have no weights of their own,
and the output is a linear layer instead of Euclidean RBF units.

    layer    output     parameters
    C1       6@28×28       156 = 6·(1·5·5 + 1)
    S2       6@14×14         0
    C3      16@10×10     2,416 = 16·(6·5·5 + 1)
    S4      16@5×5           0
    C5     120@1×1      48,120 = 120·(16·5·5 + 1)
    F6      84          10,164 = 84·(120 + 1)
    output  10             850 = 10·(84 + 1)
"""

import time

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

LENET5_PARAMETERS = 61_706
EPOCHS = 5
BATCH_SIZE = 64


class LeNet5(nn.Module):
    """N×1×28×28 images to N×10 logits."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5, padding=2)
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, classes)
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.tanh(self.c1(x)))
        x = self.pool(torch.tanh(self.c3(x)))
        x = torch.tanh(self.c5(x)).flatten(1)  # keeps the batch axis, whatever the size of the picture
        return self.output(torch.tanh(self.f6(x)))


def train(model: nn.Module, batches: DataLoader, epochs: int) -> float:
    """Trains with Adam on cross-entropy; returns the seconds it took."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loss_of = nn.CrossEntropyLoss()
    start = time.perf_counter()
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for images, labels in batches:
            optimizer.zero_grad()
            loss = loss_of(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / len(batches):.3f}")
    return time.perf_counter() - start


@torch.no_grad()
def accuracy(model: nn.Module, batches: DataLoader) -> float:
    """Share of the images that the model gets right."""
    model.eval()
    right = images_seen = 0
    for images, labels in batches:
        right += (model(images).argmax(1) == labels).sum().item()
        images_seen += len(labels)
    return right / images_seen


to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
train_set = datasets.MNIST("data", train=True, download=True, transform=to_tensor)
test_set = datasets.MNIST("data", train=False, download=True, transform=to_tensor)
train_batches = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)
test_batches = DataLoader(test_set, batch_size=256)

lenet = LeNet5()
assert sum(p.numel() for p in lenet.parameters()) == LENET5_PARAMETERS

seconds = train(lenet, train_batches, EPOCHS)
print(f"Test accuracy: {100 * accuracy(lenet, test_batches):.1f} %")
print(f"Training time: {seconds:.1f} s")
