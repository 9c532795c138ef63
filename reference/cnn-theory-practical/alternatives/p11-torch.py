# question: p11
"""A PyTorch loop that fills lists, two figures, and lines named by the legend alone; the accuracy is in per cent."""

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

X, y = torch.randn(300, 1, 12, 12), torch.randint(0, 3, (300,))
X += 0.8 * y[:, None, None, None]
train_part, val_part = random_split(TensorDataset(X, y), [240, 60])
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 3))
optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
train_loss, val_loss, train_acc, val_acc = [], [], [], []


def run_epoch(loader, train):
    model.train(train)
    total, right = 0.0, 0
    for xb, yb in loader:
        with torch.set_grad_enabled(train):
            out = model(xb)
            loss = nn.functional.cross_entropy(out, yb)
        if train:
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        total += loss.item() * len(yb)
        right += (out.argmax(1) == yb).sum().item()
    return total / len(loader.dataset), 100 * right / len(loader.dataset)


for epoch in range(5):
    loss, acc = run_epoch(DataLoader(train_part, 24, shuffle=True), True)
    train_loss.append(loss)
    train_acc.append(acc)
    loss, acc = run_epoch(DataLoader(val_part, 60), False)
    val_loss.append(loss)
    val_acc.append(acc)

for first, second, name in ((train_loss, val_loss, "Loss"), (train_acc, val_acc, "Accuracy (%)")):
    plt.figure()
    plt.plot(first)
    plt.plot(second)
    plt.legend(["Train " + name, "Val " + name])
    plt.xlabel("Epoch")
    plt.ylabel(name)
    plt.show()
