# question: p5
"""A data set of noise with labels that mean nothing, and a small CNN trained on it.

Zhang, Bengio, Hardt, Recht, Vinyals (2017), "Understanding deep learning requires rethinking generalization",
arXiv:1611.03530: a network can learn such labels by heart, so a falling loss on them shows that the training works and
nothing more. On new noise it is right as often as guessing is.

    layer    output     parameters
    conv     8@14×14           80 = 8·(1·3·3 + 1)
    pool     8@7×7              0
    dense    2                786 = 2·(8·7·7 + 1)
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

P5_PARAMETERS = 866
CLASSES = 2
EPOCHS = 8

noise = TensorDataset(torch.rand(256, 1, 16, 16), torch.randint(0, CLASSES, (256,)))
cnn = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(8 * 7 * 7, CLASSES),
)
assert sum(p.numel() for p in cnn.parameters()) == P5_PARAMETERS

optimizer = torch.optim.Adam(cnn.parameters(), lr=3e-3)
loss_of = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    total = 0.0
    for pictures, labels in DataLoader(noise, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        loss = loss_of(cnn(pictures), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    print(f"epoch {epoch + 1}: loss {total / len(noise):.4f}")
