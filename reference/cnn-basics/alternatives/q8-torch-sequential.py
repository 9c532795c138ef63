# question: q8
"""No class at all: `nn.Sequential`, average pooling over the whole map, AdamW, a split for validation."""

import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

digits = MNIST(".", train=True, transform=ToTensor(), download=True)
held_out = MNIST(".", train=False, transform=ToTensor(), download=True)
part = len(digits) // 10
learn, check = random_split(digits, [len(digits) - part, part])

cnn = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveAvgPool2d(4),
    nn.Flatten(), nn.Linear(24 * 16, 10),
)  # fmt: skip
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(cnn.parameters(), 2e-3)


def evaluate(dataset):
    """Share of right answers."""
    cnn.eval()
    with torch.inference_mode():
        hits = [(cnn(x).argmax(1) == y).float().sum() for x, y in DataLoader(dataset, batch_size=250)]
    return float(sum(hits)) / len(dataset)


for epoch in range(3):
    cnn.train()
    running = 0.0
    for x, y in DataLoader(learn, batch_size=64, shuffle=True):
        loss = criterion(cnn(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(x)
    print(f"epoch {epoch}: loss {running / len(learn):.4f}, validation {evaluate(check):.3f}")
print("Test accuracy:", evaluate(held_out))
