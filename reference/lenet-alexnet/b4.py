# question: b4
"""LeNet-5 on MNIST, evaluated.

LeCun, Bottou, Bengio, Haffner (1998), "Gradient-based learning applied to document recognition", Proceedings of the
IEEE 86(11), fig. 2. Digits of 28×28 get the paper's border of two pixels by `padding=2` in C1. As everywhere today, C3
sees all maps of S2, the poolings have no weights, and the output is linear.

    layer    output     parameters
    C1       6@28×28       156 = 6·(1·5·5 + 1)
    S2       6@14×14         0
    C3      16@10×10     2,416 = 16·(6·5·5 + 1)
    S4      16@5×5           0
    C5     120          48,120 = 120·(16·5·5 + 1)
    F6      84          10,164 = 84·(120 + 1)
    output  10             850 = 10·(84 + 1)
"""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

LENET5_PARAMETERS = 61_706
EPOCHS = 6


def lenet5(classes: int = 10) -> nn.Sequential:
    """N×1×28×28 pictures to N×`classes` scores."""
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, kernel_size=5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120), nn.Tanh(),
        nn.Linear(120, 84), nn.Tanh(),
        nn.Linear(84, classes),
    )  # fmt: skip


@torch.no_grad()
def rights_per_class(model: nn.Module, batches: DataLoader) -> tuple[torch.Tensor, torch.Tensor]:
    """How many pictures of each class the model gets right, and how many there are."""
    model.eval()
    right, seen = torch.zeros(10), torch.zeros(10)
    for pictures, labels in batches:
        seen += labels.bincount(minlength=10)
        right += labels[model(pictures).argmax(1) == labels].bincount(minlength=10)
    return right, seen


to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
train_set = datasets.MNIST("data", train=True, download=True, transform=to_tensor)
test_set = datasets.MNIST("data", train=False, download=True, transform=to_tensor)

lenet = lenet5()
assert sum(p.numel() for p in lenet.parameters()) == LENET5_PARAMETERS

optimizer = torch.optim.Adam(lenet.parameters(), lr=2e-3)
loss_of = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    lenet.train()
    total, batches = 0.0, DataLoader(train_set, batch_size=64, shuffle=True)
    for pictures, labels in batches:
        optimizer.zero_grad()
        loss = loss_of(lenet(pictures), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch + 1}: loss {total / len(batches):.3f}")

right, seen = rights_per_class(lenet, DataLoader(test_set, batch_size=250))
print(f"Test accuracy: {100 * right.sum() / seen.sum():.1f} %")
hardest = int((right / seen).argmin())
print(f"The hardest digit is the {hardest}: {right[hardest]:.0f} of {seen[hardest]:.0f} are found.")
