# question: q9
"""Inception modules as Keras layers of our own in a Sequential model; labels set on the axes."""

import matplotlib.pyplot as plt
import tensorflow as tf
from tensorflow.keras import layers, models


class InceptionModule(layers.Layer):
    def __init__(self, f1, f3_in, f3, f5_in, f5, f_pool):
        super().__init__()
        conv = lambda filters, size: layers.Conv2D(filters, size, padding="same", activation="relu")
        self.path1 = [conv(f1, 1)]
        self.path2 = [conv(f3_in, 1), conv(f3, 3)]
        self.path3 = [conv(f5_in, 1), conv(f5, 5)]
        self.path4 = [layers.MaxPool2D(3, strides=1, padding="same"), conv(f_pool, 1)]

    def call(self, x):
        outs = []
        for path in (self.path1, self.path2, self.path3, self.path4):
            y = x
            for layer in path:
                y = layer(y)
            outs.append(y)
        return tf.concat(outs, axis=-1)


(X_train, y_train), (X_test, y_test) = tf.keras.datasets.cifar10.load_data()
X_train, X_test = X_train / 255.0, X_test / 255.0

net = models.Sequential(
    [
        layers.Input((32, 32, 3)),
        layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        layers.MaxPool2D(),
        InceptionModule(8, 8, 16, 4, 8, 8),
        InceptionModule(16, 8, 24, 4, 8, 8),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10),
    ]
)
net.compile(
    optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
)
log = net.fit(X_train, y_train, epochs=3, batch_size=64, validation_split=0.2, verbose=0)

fig, ax = plt.subplots()
for name, label in (("accuracy", "train acc"), ("val_accuracy", "val acc")):
    ax.plot(log.history[name], label=label)
ax.set_xlabel("epochs")
ax.set_ylabel("acc")
ax.legend(loc="best")
fig.show()
