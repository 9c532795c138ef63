# Question 1: Load a data set and use it
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader

transform = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10(root='D:/datasets/cifar', train=True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10(root='D:/datasets/cifar', train=False, download=True, transform=transform)
hundred = torchvision.datasets.CIFAR100(root='./data', train=True, download=True)
print(trainset.data.shape, trainset.data.dtype, len(hundred.classes), trainset.classes[3])
assert isinstance(trainset.targets, list) and hundred[0][0].size == (32, 32)


class Net(nn.Module):
    def __init__(self, channels=1, side=28, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.pool = nn.MaxPool2d(4)
        self.fc = nn.Linear(4 * (side // 4) ** 2, classes)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x)))
        return self.fc(x.flatten(1))


def main():
    trainloader = DataLoader(trainset, batch_size=32, shuffle=True, num_workers=2)
    net = Net(3, 32)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(1):
        running = 0.0
        for i, (images, labels) in enumerate(trainloader):
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
            if i == 20:
                break
        print('epoch', epoch + 1, 'loss', running / 21)


if __name__ == '__main__':
    main()
