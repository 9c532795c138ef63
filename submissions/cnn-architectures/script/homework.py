"""
CNN architectures, homework
Student: Mateo Alvarez

The theory questions are in the docstrings below each question.
"""
import time

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

# Question 1: What is a convolutional neural network (CNN)? How does it differ from a traditional fully connected
# neural network in architecture and in performance on image data?
"""
In a CNN the neurons of a layer look at a small window of the image, and all of them use the same weights (the filter).
A fully connected layer has a weight from every pixel to every neuron, so a 224x224 colour image gives 150k weights per
neuron. CNNs keep the 2-D structure, have fewer weights, and get a better accuracy on images.
"""

# Question 4: What is transfer learning in image classification? Explain how it reduces the computational cost and
# improves the performance of a model when data is limited.
"""
You start from a network which was trained on ImageNet, freeze it, and only train a new output layer. It costs little
and needs little data, because the features exist already. After that some layers can be fine-tuned with a low rate.
"""

# Question 6: Implement the LeNet-5 architecture in TensorFlow or PyTorch to classify the MNIST data set. Report the
# accuracy and the training time.


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 4 * 4, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def train_lenet(epochs=4):
    to_tensor = transforms.ToTensor()
    train = DataLoader(datasets.MNIST("mnist", train=True, download=True, transform=to_tensor), 32, shuffle=True)
    test = DataLoader(datasets.MNIST("mnist", train=False, download=True, transform=to_tensor), 500)
    network = LeNet5()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(epochs):
        # 1. train
        for x, y in train:
            optimizer.zero_grad()
            F.cross_entropy(network(x), y).backward()
            optimizer.step()
        # 2. evaluate
        network.eval()
        with torch.no_grad():
            hits = sum((network(x).argmax(1) == y).sum().item() for x, y in test)
        network.train()
        print("epoch", epoch + 1, "test accuracy", hits / len(test.dataset))
    return network


lenet = train_lenet()

# Question 8: Write a program that visualizes the filters and the feature maps of the first convolutional layer of
# AlexNet on an example input image.
alexnet = models.alexnet(weights=models.AlexNet_Weights.DEFAULT)
alexnet.eval()
first_layer = alexnet.features[0]


def grid(images, title, **options):
    # half of them are enough to see what they do
    figure, axes = plt.subplots(4, 8, figsize=(10, 5))
    for image, ax in zip(images[:32], axes.flatten()):
        ax.imshow(image, **options)
        ax.axis("off")
    figure.suptitle(title)
    plt.show()


w = first_layer.weight.detach().permute(0, 2, 3, 1)
grid((w - w.min()) / (w.max() - w.min()), "AlexNet, conv1: filters")

photo = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])(Image.open("sample.jpg").convert("RGB"))
maps = first_layer(photo.unsqueeze(0)).detach().squeeze(0)
grid(maps, "AlexNet, conv1: feature maps", cmap="gray")

# Question 9: Train GoogLeNet (Inception v1) or a variant of it on a standard data set such as CIFAR-10. Plot the
# training and validation accuracy over the epochs and analyze overfitting or underfitting.


class Block(nn.Module):
    """Inception block, without the pooling branch to keep it simple."""

    def __init__(self, channels_in, width):
        super().__init__()
        self.one = nn.Conv2d(channels_in, width, 1)
        self.three = nn.Conv2d(channels_in, width, 3, padding=1)
        self.five = nn.Conv2d(channels_in, width, 5, padding=2)

    def forward(self, x):
        return F.relu(torch.cat([self.one(x), self.three(x), self.five(x)], dim=1))


class SmallInception(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 24, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm2d(24)
        self.block1 = Block(24, 16)
        self.block2 = Block(48, 32)
        self.out = nn.Linear(96, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.stem(x))), 2)
        x = F.max_pool2d(self.block1(x), 2)
        x = self.block2(x).mean(dim=(2, 3))
        return self.out(x)


pipeline = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.25] * 3)])
train_set = datasets.CIFAR10("cifar", train=True, download=True, transform=pipeline)
val_set = datasets.CIFAR10("cifar", train=False, download=True, transform=pipeline)
inception = SmallInception()
adam = torch.optim.Adam(inception.parameters(), lr=0.002)
train_acc, val_acc = [], []
for epoch in range(4):
    for history, loader in ((train_acc, DataLoader(train_set, 64, shuffle=True)), (val_acc, DataLoader(val_set, 256))):
        training = loader.dataset is train_set
        inception.train(training)
        good = seen = 0
        for x, y in loader:
            logits = inception(x)
            if training:
                adam.zero_grad()
                F.cross_entropy(logits, y).backward()
                adam.step()
            good += (logits.argmax(1) == y).sum().item()
            seen += len(y)
        history.append(good / seen)
    print(f"epoch {epoch + 1}: train acc {train_acc[-1]:.3f}, val acc {val_acc[-1]:.3f}")

plt.figure()
plt.plot(train_acc)
plt.plot(val_acc)
plt.title("accuracy")
plt.show()
