# question: b4
"""Another public data set: Fashion-MNIST, in Keras, Sequential, with average pooling and tanh."""

from tensorflow.keras import Sequential, datasets, layers

(train_x, train_y), (test_x, test_y) = datasets.fashion_mnist.load_data()
train_x, test_x = train_x.reshape(-1, 28, 28, 1) / 255.0, test_x.reshape(-1, 28, 28, 1) / 255.0

lenet = Sequential()
lenet.add(layers.Conv2D(6, (5, 5), padding="same", activation="tanh", input_shape=(28, 28, 1)))
lenet.add(layers.AveragePooling2D())
lenet.add(layers.Conv2D(16, (5, 5), activation="tanh"))
lenet.add(layers.AveragePooling2D())
lenet.add(layers.Flatten())
lenet.add(layers.Dense(120, activation="tanh"))
lenet.add(layers.Dense(84, activation="tanh"))
lenet.add(layers.Dense(10, activation="softmax"))
lenet.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
lenet.fit(train_x, train_y, epochs=6, batch_size=32, verbose=0)
score = lenet.evaluate(test_x, test_y, verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])
