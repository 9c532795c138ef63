# question: p3
"""The rectified linear unit, max(0, x), for each value of a feature map.

Nair and Hinton (2010), "Rectified linear units improve restricted Boltzmann machines", ICML; in convolutional networks
since Krizhevsky, Sutskever, Hinton (2012), section 3.1. The shape stays as it is.
"""

import numpy as np
from numpy.typing import NDArray


def relu(feature_map: NDArray[np.float64]) -> NDArray[np.float64]:
    """A new array of the same shape (any) with 0 in the place of each negative value."""
    return np.maximum(feature_map, 0)


feature_map = np.array([[-2.0, 1.5], [0.0, -0.5]])
activated = relu(feature_map)
print(f"{feature_map}\nafter ReLU:\n{activated}")
assert np.array_equal(activated, [[0.0, 1.5], [0.0, 0.0]])
