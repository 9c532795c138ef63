# CNN basics - homework of Tomasz Wrona
# (only the parts that I finished)

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets, transforms

# Q2. Explain padding and stride in convolutional neural networks
"""
Padding = zeros around the picture, stride = how far the filter jumps. out = (n + 2p - f)/s + 1, for example
(28 + 0 - 3)/1 + 1 = 26.
"""

# Q4. Discuss how the filter size and the stride influence the number of parameters in a CNN
"""
Bigger filter = more parameters (3x3 has 9 weights per channel pair, 5x5 has 25). A bigger stride also gives fewer
parameters because the output is smaller.
"""

# Q8. Using PyTorch, write a script that defines and trains a CNN on the MNIST data set.

BATCH = 50


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 5, padding=2)
        self.c2 = nn.Conv2d(12, 24, 3)
        self.lin = nn.Linear(24 * 6 * 6, 10)

    def forward(self, x):
        x = F.max_pool2d(F.leaky_relu(self.c1(x)), 2)
        x = F.max_pool2d(F.leaky_relu(self.c2(x)), 2)
        return self.lin(torch.flatten(x, start_dim=1))


def load(train):
    data = datasets.MNIST("./mnist", train=train, download=True, transform=transforms.ToTensor())
    return torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=train)


if __name__ == "__main__":
    model = ConvNet()
    optim = torch.optim.Adam(model.parameters(), lr=0.002)
    for epoch in range(3):
        for img, lab in load(True):
            optim.zero_grad()
            out = model(img)
            loss = F.cross_entropy(out, lab)
            loss.backward()
            optim.step()
        print("epoch", epoch, "loss", round(loss.item(), 4))
    right = total = 0
    with torch.no_grad():
        for img, lab in load(False):
            right += int((model(img).argmax(1) == lab).sum())
            total += len(lab)
    print("accuracy on test data: %.2f %%" % (100 * right / total))

# Q6. Using Keras, build and train a simple CNN model on the MNIST data set from scratch.

import keras

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
cnn = keras.Sequential()
cnn.add(keras.layers.Flatten(input_shape=(28, 28)))
cnn.add(keras.layers.Dense(128, activation="relu"))
cnn.add(keras.layers.Dense(10, activation="softmax"))
cnn.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
cnn.fit(x_train / 255, y_train, epochs=3, verbose=0)
print("Accuracy:", cnn.evaluate(x_test / 255, y_test, verbose=0)[1])

# Q10. You are working on a web application for a medical imaging startup. Describe your end-to-end approach.
"""
1. collect x-rays  2. resize and normalize  3. train ResNet50 with frozen layers  4. save the model  5. write a Streamlit
app with a file uploader, which preprocesses the picture and shows the prediction  6. deploy on Streamlit Cloud
"""
