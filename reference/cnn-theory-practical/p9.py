# question: p9
"""Dropout in a small CNN.

Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), "Dropout: a simple way to prevent neural networks from
overfitting", JMLR 15: in training each unit is left out with a probability, here 0.5 before the last dense layer and
0.25 behind the pooling. It has no parameters, and rests when the model is used.

    layer       output      parameters
    conv2d      26×26×16           160 = 16·(3·3·1 + 1)
    max pool    13×13×16             0
    dropout     13×13×16             0
    dense       64             173,120 = 64·(13·13·16 + 1)
    dropout     64                   0
    dense       10                 650 = 10·(64 + 1)
"""

from keras import Sequential, layers

P9_PARAMETERS = 173_930

model = Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(16, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=2),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
assert model.count_params() == P9_PARAMETERS
