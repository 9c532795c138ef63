# question: b4
"""A PyTorch class for 32×32, digits made larger by a transform, functions for each step, and NLL loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as T


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = x.view(-1, self.num_flat_features(x))
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)

    def num_flat_features(self, x):
        features = 1
        for size in x.size()[1:]:
            features *= size
        return features


tf = T.Compose([T.Resize((32, 32)), T.ToTensor()])
trainloader = torch.utils.data.DataLoader(torchvision.datasets.MNIST(".", True, tf, download=True), 32, shuffle=True)
testloader = torch.utils.data.DataLoader(torchvision.datasets.MNIST(".", False, tf, download=True), 100)


def train_one(net, opt):
    net.train()
    for batch, (data, target) in enumerate(trainloader):
        opt.zero_grad()
        loss = F.nll_loss(net(data), target)
        loss.backward()
        opt.step()
        if batch % 50 == 0:
            print("batch", batch, "loss", round(loss.item(), 3))


def test(net):
    net.eval()
    with torch.no_grad():
        hits = sum((net(data).max(1)[1] == target).sum().item() for data, target in testloader)
    return hits / len(testloader.dataset)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.001)
for _ in range(4):
    train_one(net, opt)
print(f"Accuracy on the test set: {test(net):.4f}")
