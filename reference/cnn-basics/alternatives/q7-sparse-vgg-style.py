# question: q7
"""Plain labels from 0 to 9, and pictures from which the mean of the training set is taken off (no division by 255)."""

import matplotlib.pyplot as plt
import numpy as np
from tensorflow.keras.datasets import cifar10
from tensorflow.keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import Adam

(X_train, Y_train), (X_test, Y_test) = cifar10.load_data()
mean, std = np.mean(X_train, axis=(0, 1, 2)), np.std(X_train, axis=(0, 1, 2))
X_train = (X_train.astype("float32") - mean) / (std + 1e-7)
X_test = (X_test.astype("float32") - mean) / (std + 1e-7)
print(X_train.shape, Y_train.shape, X_train.min(), X_train.max())

cnn = Sequential()
cnn.add(Conv2D(16, (3, 3), padding="same", input_shape=(32, 32, 3)))
cnn.add(Activation("relu"))
cnn.add(Conv2D(16, (3, 3), activation="elu"))
cnn.add(MaxPooling2D(pool_size=(2, 2)))
cnn.add(Conv2D(32, (3, 3), activation="relu", padding="same"))
cnn.add(MaxPooling2D(pool_size=(2, 2)))
cnn.add(Dropout(0.2))
cnn.add(Flatten())
cnn.add(Dense(64, activation="relu"))
cnn.add(Dense(10, activation="softmax"))
cnn.summary()

cnn.compile(loss="sparse_categorical_crossentropy", optimizer=Adam(0.001), metrics=["accuracy"])
log = cnn.fit(X_train, Y_train.flatten(), batch_size=32, epochs=5, validation_split=0.2, verbose=0)
plt.plot(log.history["accuracy"])
plt.plot(log.history["val_accuracy"])
plt.show()
print("Test accuracy: %.3f" % cnn.evaluate(X_test, Y_test.flatten(), verbose=0)[1])
