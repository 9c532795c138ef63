# question: q6
"""LeNet-5 in PyTorch with a `fit` method, log-probabilities and their loss, time in minutes."""

import time

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding="same")
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = nn.functional.avg_pool2d(torch.sigmoid(self.conv1(x)), 2)
        x = nn.functional.avg_pool2d(torch.sigmoid(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = torch.sigmoid(self.fc1(x))
        x = torch.sigmoid(self.fc2(x))
        return nn.functional.log_softmax(self.fc3(x), dim=1)

    def fit(self, loader, epochs=1, lr=0.01):
        criterion, optimizer = nn.NLLLoss(), optim.RMSprop(self.parameters(), lr=lr)
        began = time.time()
        self.train()
        for _ in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                criterion(self(xb), yb).backward()
                optimizer.step()
        self.minutes = (time.time() - began) / 60
        return self

    @torch.no_grad()
    def score(self, loader):
        self.eval()
        hits = [(self(xb).argmax(dim=1) == yb).float() for xb, yb in loader]
        return torch.cat(hits).mean().item()


def main():
    train = DataLoader(MNIST("~/mnist", train=True, download=True, transform=ToTensor()), batch_size=20, shuffle=True)
    test = DataLoader(MNIST("~/mnist", train=False, download=True, transform=ToTensor()), batch_size=500)
    net = Net().fit(train, epochs=6, lr=0.002)
    print(f"Final test accuracy: {net.score(test):.2%}")
    print(f"Training time: {net.minutes:.3f} min")
    return net


if __name__ == "__main__":
    trained = main()
