# question: p9
"""PyTorch, Sequential, with dropout on whole maps and on units."""

import torch
from torch import nn

net = nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Dropout2d(p=0.2),
    nn.Flatten(),
    nn.Linear(16 * 16 * 16, 10),
    nn.Dropout(0.5),
)
print(net(torch.randn(2, 3, 32, 32)).shape)
