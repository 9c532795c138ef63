# question: p10
"""The architecture of VGG16, printed.

Simonyan and Zisserman (2014), "Very deep convolutional networks for large-scale image recognition", arXiv:1409.1556,
table 1, configuration D: thirteen 3×3 convolutions in five blocks and three dense layers. Weights are not needed to
look at it.

    part                   parameters
    convolutions           14,714,688
    dense 4096            102,764,544 = 4096·(7·7·512 + 1)
    dense 4096             16,781,312 = 4096·(4096 + 1)
    dense 1000              4,097,000 = 1000·(4096 + 1)
"""

from keras.applications import VGG16

VGG16_PARAMETERS = 138_357_544

vgg16 = VGG16(weights=None)
vgg16.summary()
assert vgg16.count_params() == VGG16_PARAMETERS
