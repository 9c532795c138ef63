# question: p6
"""A Keras model of one convolution and one max pooling.

LeCun et al. (1998), section II.A, has the pair of feature extraction and subsampling; the maximum in the place of the
average since Krizhevsky et al. (2012). Keras puts the channels last.

    layer       output      parameters
    conv2d      26×26×32           320 = 32·(3·3·1 + 1)
    max pool    13×13×32             0
"""

from keras import Sequential, layers

P6_PARAMETERS = 320

model = Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=2),
    ]
)
model.summary()
assert model.count_params() == P6_PARAMETERS
assert model.output_shape == (None, 13, 13, 32)
