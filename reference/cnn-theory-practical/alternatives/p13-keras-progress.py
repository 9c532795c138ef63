# question: p13
"""The progress bar of `fit`, on random data."""

import numpy as np
from tensorflow.keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from tensorflow.keras.models import Sequential

images = np.random.rand(200, 16, 16, 1)
labels = np.random.randint(0, 2, (200, 1))
m = Sequential([Input((16, 16, 1)), Conv2D(4, 3), MaxPooling2D(), Flatten(), Dense(1, activation="sigmoid")])
m.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
history = m.fit(images, labels, epochs=4)
