# question: p7
"""A fully connected layer behind convolution and max pooling.

Goodfellow, Bengio, Courville (2016), "Deep Learning", section 9.3 and figure 9.11: maps are flattened, then dense
layers join them to scores. Without `Flatten`, Keras would apply the dense layer at each place of the map by itself.

    layer       output      parameters
    conv2d      26×26×32           320 = 32·(3·3·1 + 1)
    max pool    13×13×32             0
    flatten     5,408                0
    dense       10              54,090 = 10·(5,408 + 1)
"""

from keras import Sequential, layers

P7_PARAMETERS = 54_410

model = Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=2),
    ]
)
model.add(layers.Flatten())
model.add(layers.Dense(10, activation="softmax"))
model.summary()
assert model.count_params() == P7_PARAMETERS
assert model.output_shape == (None, 10)
