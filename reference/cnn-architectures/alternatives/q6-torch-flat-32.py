# question: q6
"""LeNet-5 in PyTorch as a plain script: Sequential, digits enlarged to 32×32, SGD with momentum, ReLU, max pooling."""

import time

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as T

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
tf = T.Compose([T.Resize((32, 32)), T.ToTensor()])
trainset = torchvision.datasets.MNIST(root="./data", train=True, download=True, transform=tf)
testset = torchvision.datasets.MNIST(root="./data", train=False, download=True, transform=tf)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=32, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=100)

net = nn.Sequential(
    nn.Conv2d(1, 6, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Conv2d(6, 16, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Flatten(),
    nn.Linear(16 * 5 * 5, 120),
    nn.ReLU(),
    nn.Linear(120, 84),
    nn.ReLU(),
    nn.Linear(84, 10),
).to(device)
sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

t0 = time.time()
for epoch in range(5):
    running = 0.0
    for data, target in trainloader:
        data, target = data.to(device), target.to(device)
        sgd.zero_grad()
        loss = F.cross_entropy(net(data), target)
        loss.backward()
        sgd.step()
        running += loss.item()
    print("Epoch %d, loss %.4f" % (epoch + 1, running / len(trainloader)))
t1 = time.time()

net.eval()
n_right = 0
with torch.no_grad():
    for data, target in testloader:
        n_right += net(data.to(device)).argmax(1).eq(target.to(device)).sum().item()
print("Total training time: %.1f seconds" % (t1 - t0))
print("Accuracy of the network on the test images: %.1f %%" % (100.0 * n_right / len(testset)))
