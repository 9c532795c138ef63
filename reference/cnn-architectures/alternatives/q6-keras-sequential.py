# question: q6
"""LeNet-5 in Keras, Sequential, 28×28 digits with padding in the first layer.

LeCun, Bottou, Bengio, Haffner (1998), "Gradient-based learning applied to document recognition", fig. 2; the layers and
their parameters are those of the table in `q6.py`.
"""

import time

import keras
from keras import layers

LENET5_PARAMETERS = 61_706
EPOCHS = 5


def lenet5(classes: int = 10) -> keras.Sequential:
    """N×28×28×1 images to N×10 probabilities."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),  # C1: 6@28×28
            layers.AveragePooling2D(2),  # S2: 6@14×14
            layers.Conv2D(16, 5, activation="tanh"),  # C3: 16@10×10
            layers.AveragePooling2D(2),  # S4: 16@5×5
            layers.Conv2D(120, 5, activation="tanh"),  # C5: 120@1×1
            layers.Flatten(),
            layers.Dense(84, activation="tanh"),  # F6
            layers.Dense(classes, activation="softmax"),
        ]
    )


(train_images, train_labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
train_images, test_images = train_images[..., None] / 255.0, test_images[..., None] / 255.0

model = lenet5()
assert model.count_params() == LENET5_PARAMETERS
model.compile(keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

start = time.perf_counter()
model.fit(train_images, train_labels, batch_size=64, epochs=EPOCHS, verbose=2)
seconds = time.perf_counter() - start

_, accuracy = model.evaluate(test_images, test_labels, verbose=0)
print(f"Test accuracy: {accuracy:.3f}")
print(f"Training time: {seconds:.1f} seconds")
