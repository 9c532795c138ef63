"""Deep learning homework, coding part."""

import numpy as np
import torch


def seed(value):
    torch.manual_seed(value)


# =====================================================
# Question 6: LeNet-5 on MNIST, accuracy and training time
# =====================================================
# 1. Load the data set
train_set = torchvision.datasets.MNIST("data", train=True)


# 2. Define LeNet-5
class LeNet5(torch.nn.Module):
    pass


# =====================================================
# Question 8: filters and feature maps of AlexNet
# =====================================================
alexnet = torchvision.models.alexnet(weights="DEFAULT")
# 6. show the first layer
plt.imshow(alexnet.features[0].weight[0])

# =====================================================
# Question 9: GoogLeNet on CIFAR-10
# =====================================================
net = torchvision.models.googlenet()
