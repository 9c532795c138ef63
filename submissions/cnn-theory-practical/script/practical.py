"""
CNN practical, Amara Okafor
Part 2 only, I ran out of time for the theory.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
import matplotlib.pyplot as plt
from torchvision import models


# Question 1: Implement a basic convolution operation using a filter and a 5x5 image (matrix).
class Convolver:
    def __init__(self, kernel):
        self.kernel = np.asarray(kernel)

    def __call__(self, image):
        k = self.kernel.shape[0]
        n = image.shape[0] - k + 1
        return np.array([[np.sum(image[i:i+k, j:j+k] * self.kernel) for j in range(n)] for i in range(n)])

image = np.arange(25).reshape(5, 5) % 7
kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
edges = Convolver(kernel)(image)
print("convolution result:")
print(edges)


# Question 2: Implement max pooling on a 4x4 feature map with a 2x2 window.
def pool(x):
    out = []
    for i in range(0, 4, 2):
        row = []
        for j in range(0, 4, 2):
            row.append(max(x[i][j], x[i][j+1], x[i+1][j], x[i+1][j+1]))
        out.append(row)
    return out

print("max pooling:", pool([[1, 0, 2, 3], [4, 6, 6, 8], [3, 1, 1, 0], [1, 2, 2, 4]]))


# Question 3: Implement the ReLU activation function on a feature map.
def relu_inplace(m):
    for i in range(len(m)):
        for j in range(len(m[0])):
            if m[i][j] < 0:
                m[i][j] = 0
    return m

print("relu:", relu_inplace([[-1, 2], [3, -4]]))


# Question 4: Create a basic CNN model with one convolutional layer and a fully connected layer, using random data.
model4 = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16 * 16, 5))
print(model4(torch.randn(2, 3, 16, 16)))


# Question 5: Generate a synthetic dataset using random noise and train a simple CNN model on it.
noise_x = torch.randn(120, 1, 10, 10)
noise_y = torch.randint(0, 3, (120,))
model5 = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 8 * 8, 3), nn.Softmax(dim=1))
opt = torch.optim.Adam(model5.parameters())
for epoch in range(3):
    for bx, by in DataLoader(TensorDataset(noise_x, noise_y), batch_size=20, shuffle=True):
        opt.zero_grad()
        F.cross_entropy(model5(bx), by).backward()
        opt.step()


# Question 6: Create a simple CNN using Keras with one convolution layer and a max-pooling layer.
class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        return self.pool(F.relu(self.conv(x)))

print(TwoLayers()(torch.zeros(1, 1, 28, 28)).shape)


# Question 7: Write a code to add a fully connected layer after the convolution and max-pooling layers in a CNN.
class WithDense(TwoLayers):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8 * 13 * 13, 10)

    def forward(self, x):
        return self.fc(super().forward(x).flatten(1))

model7 = WithDense()
print(model7)


# Question 8: Write a code to add batch normalization to a simple CNN model.
class WithNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8 * 26 * 26, 10)

    def forward(self, x):
        return self.fc(F.relu(self.conv(x)).flatten(1))   # bn comes between

model8 = WithNorm()


# Question 9: Write a code to add dropout regularization to a simple CNN model.
model9 = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Dropout(p=0.5), nn.Linear(8 * 26 * 26, 10))
print(model9)


# Question 10: Write a code to print the architecture of the VGG16 model in Keras.
print(models.vgg16())


# Question 11: Write a code to plot the accuracy and loss graphs after training a CNN model.
X, Y = torch.randn(160, 1, 8, 8), torch.randint(0, 2, (160,))
X[Y == 1] += 0.5
train_losses, train_accs = [], []
model11 = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
opt = torch.optim.Adam(model11.parameters(), lr=0.01)
for epoch in range(5):
    loss_sum, hits = 0, 0
    for bx, by in DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True):
        opt.zero_grad()
        out = model11(bx)
        loss = F.cross_entropy(out, by)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(by)
        hits += (out.argmax(1) == by).sum().item()
    train_losses.append(loss_sum / 160)
    train_accs.append(hits / 160)
fig, ax = plt.subplots(2, 1)
ax[0].plot(train_losses, label="loss")
ax[0].set_title("Training loss")
ax[1].plot(train_accs, label="accuracy")
ax[1].set_title("Training accuracy")
plt.show()


# Question 12: Write a code to print the architecture of the ResNet50 model in Keras.
resnet = models.resnet50()
print(resnet)


# Question 13: Write a code to train a basic CNN model and print the training loss and accuracy after each epoch.
print("Epoch   Loss   Accuracy")
for epoch, (l, a) in enumerate(zip(train_losses, train_accs)):
    print(epoch + 1, " ", round(l, 4), " ", round(a, 4))

