"""
Deep learning - assignment 3
Student: A. B.
"""
import torch
import torch.nn as nn
import torchvision

"""
Question 6: Implement LeNet-5 for MNIST. Report accuracy and training time.
"""
class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)

# 1. training
for epoch in range(3):
    pass

"""
Question 8: filters and feature maps of AlexNet
"""
alexnet = torchvision.models.alexnet()
# 2. plot
print(alexnet.features[0].weight.shape)

"""
Question 9: GoogLeNet on CIFAR-10
"""
net = torchvision.models.googlenet()
