# question: p13
"""A small CNN trained on MNIST, with the training loss and accuracy of each epoch in one line.

LeCun et al. (1998), section III.B, watches both error curves over the passes through the training set. The means are
over all pictures of an epoch, while the weights change.

    layer       output      parameters
    conv        8@26×26            80 = 8·(1·3·3 + 1)
    max pool    8@13×13             0
    dense       10             13,530 = 10·(8·13·13 + 1)
"""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

P13_PARAMETERS = 13_610
EPOCHS = 3

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
batches = DataLoader(train_set, batch_size=64, shuffle=True)

cnn = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 13 * 13, 10))
assert sum(p.numel() for p in cnn.parameters()) == P13_PARAMETERS

optimizer = torch.optim.Adam(cnn.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    total, right, seen = 0.0, 0, 0
    for pictures, labels in batches:
        scores = cnn(pictures)
        loss = loss_of(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        right += (scores.argmax(1) == labels).sum().item()
        seen += len(labels)
    print(f"Epoch {epoch + 1}/{EPOCHS}: loss {total / seen:.4f}, accuracy {right / seen:.4f}")
