# question: p4
"""The same in Keras, functional, with `predict` on random numbers."""

import numpy as np
from tensorflow.keras import Model
from tensorflow.keras.layers import Conv2D, Dense, Flatten, Input

inputs = Input(shape=(32, 32, 3))
x = Conv2D(16, (3, 3), activation="relu")(inputs)
x = Flatten()(x)
outputs = Dense(10, activation="softmax")(x)
cnn = Model(inputs, outputs)

random_data = np.random.random((5, 32, 32, 3))
print(cnn.predict(random_data, verbose=0).shape)
