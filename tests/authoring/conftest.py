"""A solution: one question to write about, a small network, and a function."""

from pathlib import Path

import nbformat
import pytest

NETWORK = """\
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
images, labels = torch.rand(64, 1, 8, 8), torch.arange(64) % 3
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))
optimizer = torch.optim.Adam(model.parameters())
losses = []
for epoch in range(3):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
"""
CURVE = """\
import matplotlib.pyplot as plt

plt.plot(losses, label="loss")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()
"""
DOUBLE = """\
def double(numbers):
    return 2 * np.asarray(numbers)

print(double([1, 2]))
"""


@pytest.fixture
def solution(tmp_path) -> Path:
    text, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    cells = [
        text("# A small assignment"),
        text("## Question 1: What is a convolution?\nSay it in your own words."),
        text("A small window slides over the picture.\n\nThe same weights are used at every place."),
        text("## Question 2: Train a small convolutional network and plot its loss over the epochs."),
        code(NETWORK),
        code(CURVE),
        text("**Question 3: Write a function that doubles each number of an array.**"),
        code(DOUBLE),
    ]
    path = tmp_path / "Homework 1.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path
