# question: c4
"""The convolutions are made in a loop from a list of settings, as for VGG in torchvision; SGD with momentum."""

import torch
import torchvision
from torch import nn
from torchvision import transforms as T

SETTINGS = [(32, 3), "pool", (64, 3), "pool", (96, 3), (96, 3), (64, 3), "pool"]


def make_layers(settings, channels=3):
    made = []
    for setting in settings:
        if setting == "pool":
            made.append(nn.MaxPool2d(kernel_size=2, stride=2))
        else:
            width, window = setting
            made += [nn.Conv2d(channels, width, window, padding="same"), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            channels = width
    return nn.Sequential(*made)


class MyAlexNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_part = make_layers(SETTINGS)
        self.drop = nn.Dropout(p=0.4)
        self.fc6, self.fc7, self.fc8 = nn.Linear(1024, 512), nn.Linear(512, 256), nn.Linear(256, 10)

    def forward(self, images):
        maps = self.conv_part(images)
        hidden = self.drop(maps.reshape(maps.shape[0], -1))
        hidden = self.drop(torch.relu(self.fc6(hidden)))
        return self.fc8(torch.relu(self.fc7(hidden)))


train = torchvision.datasets.CIFAR10(root="./data", train=True, transform=T.ToTensor(), download=True)
test = torchvision.datasets.CIFAR10(root="./data", train=False, transform=T.ToTensor(), download=True)
model = MyAlexNet()
optim = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(2):
    model.train()
    for i, (x, y) in enumerate(torch.utils.data.DataLoader(train, batch_size=50, shuffle=True)):
        optim.zero_grad()
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        optim.step()

model.eval()
correct = total = 0
with torch.no_grad():
    for x, y in torch.utils.data.DataLoader(test, batch_size=100):
        correct += (torch.max(model(x), 1).indices == y).sum().item()
        total += y.size(0)
print("Accuracy of the network on the test images: %.1f %%" % (100 * correct / total))
