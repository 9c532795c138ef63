# %%
# question: q1
import time

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
test = datasets.MNIST("data", train=False, download=True, transform=transforms.ToTensor())
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))
# attack: net
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
losses, started = [], time.time()
for epoch in range(3):
    total = 0.0
    batches = DataLoader(train, batch_size=50, shuffle=True)
    for images, labels in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    losses.append(total / len(batches))
seconds = time.time() - started
# attack: train
net.eval()
with torch.no_grad():
    right = sum(int((net(images).argmax(1) == labels).sum()) for images, labels in DataLoader(test, batch_size=250))
print(f"Test accuracy: {right / len(test):.3f}")
print(f"Training time: {seconds:.2f} s")
# attack: test
# attack: draw
plt.plot(losses, label="training loss")
plt.xlabel("epoch"), plt.ylabel("cross-entropy"), plt.title("Loss")
plt.show()

# %%
# question: q3
total = sum(range(10))
