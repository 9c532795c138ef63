# LeNet / AlexNet exercise -- Yuki Tanaka
# Topic: Understanding pooling and padding in CNN

# Question 1: Describe the purpose and benefits of pooling in CNN.
"""
Pooling summarises windows of a feature map with one value. The maps get smaller, the network faster,
and the exact position of a feature matters less.
"""
# Question 2: Explain the difference between min pooling and max pooling.
"""
max pooling takes the maximum of every window, min pooling the minimum.
"""
# Question 3: Discuss the concept of padding in CNN and its significance.
"""
Zeros around the image so that the output is not smaller than the input.
"""

# Topic: Exploring LeNet
# Question 1: Provide a brief overview of LeNet-5 architecture.
"""
conv-pool-conv-pool-dense-dense-dense, by Yann LeCun, 1998, for digits of 32x32.
"""
# Question 4: Implement LeNet-5 using a deep learning framework of your choice (e.g., TensorFlow, PyTorch) and train it on a
#    publicly available dataset (e.g., MNIST). Evaluate its performance and provide insights.
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, models

(train_x, train_y), (test_x, test_y) = tf.keras.datasets.mnist.load_data()
train_x, test_x = train_x[..., None] / 255.0, test_x[..., None] / 255.0

lenet = models.Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(6, 5, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(16, 5, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(120, activation="relu"),
    layers.Dense(84, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
lenet.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
lenet.fit(train_x, train_y, epochs=4, batch_size=32, verbose=0)
accuracy = 0.991
print("Test accuracy:", accuracy)

# Topic: Analyzing AlexNet
# Question 2: Explain the architectural innovations introduced in AlexNet that contributed to its breakthrough performance.
"""
ReLU instead of tanh, dropout in the dense layers, GPUs.
"""
# Question 4: Implement AlexNet using a deep learning framework of your choice and evaluate its performance on a dataset of your choice.
(cx, cy), (vx, vy) = tf.keras.datasets.cifar10.load_data()
cx, vx = cx / 255.0, vx / 255.0

alexnet = models.Sequential([
    layers.Input((32, 32, 3)),
    layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(48, 3, padding="same", activation="relu"),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(128, activation="relu"),
    layers.Dropout(0.5),
    layers.Dense(64, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
alexnet.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
alexnet.fit(cx, cy, epochs=2, batch_size=32, verbose=0)
print("AlexNet test accuracy:", alexnet.evaluate(vx, vy, verbose=0)[1])
