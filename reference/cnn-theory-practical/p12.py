# question: p12
"""The architecture of ResNet50, printed.

He, Zhang, Ren, Sun (2015), "Deep residual learning for image recognition", arXiv:1512.03385, table 1: a 7×7
convolution, 16 blocks of three convolutions in four stages, global average pooling and one dense layer. Keras counts
biases of the convolutions and moving means and variances; torchvision has neither, which leaves 25,557,032.

    part                   parameters
    convolutions, norms    23,587,712
    dense 1000              2,049,000 = 1000·(2048 + 1)
"""

from keras.applications import ResNet50

RESNET50_PARAMETERS = 25_636_712

resnet50 = ResNet50(weights=None)
resnet50.summary()
assert resnet50.count_params() == RESNET50_PARAMETERS
