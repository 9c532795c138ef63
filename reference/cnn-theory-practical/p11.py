# question: p11
"""Accuracy and loss of a small CNN on MNIST, drawn over the epochs, for training and validation.

LeCun et al. (1998), figure 5, is such a picture: error of training and test against the passes through the data. Where
the curves part, the network begins to learn by heart.

    layer       output      parameters
    conv2d      26×26×8             80 = 8·(3·3·1 + 1)
    max pool    13×13×8              0
    dense       10              13,530 = 10·(13·13·8 + 1)
"""

import matplotlib.pyplot as plt
from keras import Sequential, datasets, layers

P11_PARAMETERS = 13_610
EPOCHS = 4

(train_pictures, train_labels), (test_pictures, test_labels) = datasets.mnist.load_data()
train_pictures, test_pictures = train_pictures[..., None] / 255, test_pictures[..., None] / 255

model = Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(8, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=2),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
assert model.count_params() == P11_PARAMETERS
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(
    train_pictures,
    train_labels,
    validation_data=(test_pictures, test_labels),
    epochs=EPOCHS,
    batch_size=64,
    verbose=2,
).history

epochs = range(1, len(history["loss"]) + 1)
figure, both = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for axes, quantity in zip(both, ("accuracy", "loss"), strict=True):
    axes.plot(epochs, history[quantity], label=f"training {quantity}")
    axes.plot(epochs, history[f"val_{quantity}"], label=f"validation {quantity}")
    axes.set(title=f"{quantity} over the epochs", xlabel="epoch", ylabel=quantity, xticks=epochs)
    axes.legend()
plt.show()
