# question: q9
"""A small variant of GoogLeNet in PyTorch: three modules after a strided stem; losses drawn, too."""

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

EPOCHS = 3


class InceptionBlock(nn.Module):
    def __init__(self, in_channels, f1, r3, f3, r5, f5, fp):
        super().__init__()
        self.branch1 = nn.Sequential(nn.Conv2d(in_channels, f1, 1), nn.BatchNorm2d(f1), nn.ReLU())
        self.branch2 = nn.Sequential(
            nn.Conv2d(in_channels, r3, 1), nn.ReLU(), nn.Conv2d(r3, f3, 3, padding=1), nn.BatchNorm2d(f3), nn.ReLU()
        )
        self.branch3 = nn.Sequential(
            nn.Conv2d(in_channels, r5, 1), nn.ReLU(), nn.Conv2d(r5, f5, 5, padding=2), nn.BatchNorm2d(f5), nn.ReLU()
        )
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(in_channels, fp, 1), nn.ReLU())

    def forward(self, x):
        return torch.cat((self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)), 1)


class MiniGoogLeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.inception1 = InceptionBlock(32, 16, 16, 24, 4, 8, 8)  # 56 channels
        self.inception2 = InceptionBlock(56, 24, 24, 32, 4, 12, 12)  # 80
        self.pool = nn.MaxPool2d(2)
        self.inception3 = InceptionBlock(80, 32, 32, 64, 8, 16, 16)  # 128
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(128, 10)

    def forward(self, x):
        x = self.inception2(self.inception1(self.stem(x)))
        x = self.inception3(self.pool(x))
        x = x.mean(dim=(2, 3))
        return self.fc(self.dropout(x))


tfm = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_dl = DataLoader(datasets.CIFAR10("./data", train=True, download=True, transform=tfm), batch_size=64, shuffle=True)
val_dl = DataLoader(datasets.CIFAR10("./data", train=False, download=True, transform=tfm), batch_size=128)

model = MiniGoogLeNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.002)
history = {"loss": [], "acc": [], "val_loss": [], "val_acc": []}


def evaluate(loader):
    model.eval()
    loss, right, seen = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            outputs = model(images)
            loss += criterion(outputs, labels).item() * len(labels)
            right += (outputs.argmax(1) == labels).sum().item()
            seen += len(labels)
    return loss / seen, right / seen


for epoch in range(EPOCHS):
    model.train()
    total, right, seen = 0.0, 0, 0
    for images, labels in train_dl:
        optimizer.zero_grad()
        outputs = model(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        right += (outputs.argmax(1) == labels).sum().item()
        seen += len(labels)
    val_loss, val_acc = evaluate(val_dl)
    for key, value in zip(history, (total / seen, right / seen, val_loss, val_acc)):
        history[key].append(value)
    print(f"Epoch {epoch + 1}/{EPOCHS} acc {history['acc'][-1]:.3f} val_acc {val_acc:.3f}")

fig, (left, right_axes) = plt.subplots(1, 2, figsize=(11, 4))
left.plot(history["loss"], label="Training loss")
left.plot(history["val_loss"], label="Validation loss")
left.set(xlabel="Epoch", ylabel="Loss", title="Loss")
left.legend()
right_axes.plot(history["acc"], label="Training accuracy")
right_axes.plot(history["val_acc"], label="Validation accuracy")
right_axes.set(xlabel="Epoch", ylabel="Accuracy", title="Accuracy")
right_axes.legend()
plt.show()
