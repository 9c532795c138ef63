# question: p2
"""Max pooling of a feature map.

Goodfellow, Bengio, Courville (2016), "Deep Learning", section 9.3: the largest value of each window stands for it. With
windows of 2×2 and a stride of 2, no two windows overlap, and height and width are halved.

    feature map 4×4 -> 2×2
"""

import numpy as np
from numpy.typing import NDArray


def max_pool(feature_map: NDArray[np.float64], size: int = 2) -> NDArray[np.float64]:
    """The maxima of windows that do not overlap; rows and columns that fill no window are left out.

    Args:
        feature_map: (H, W).
        size: Height and width of a window, and the stride.

    Returns:
        (H // size, W // size).
    """
    rows, columns = (length // size for length in feature_map.shape)
    windows = feature_map[: rows * size, : columns * size].reshape(rows, size, columns, size)
    pooled: NDArray[np.float64] = windows.max(axis=(1, 3))
    return pooled


feature_map = np.array([[1.0, 3.0, 2.0, 4.0], [5.0, 6.0, 1.0, 2.0], [7.0, 2.0, 9.0, 1.0], [3.0, 4.0, 8.0, 0.0]])
pooled = max_pool(feature_map)
print(f"{feature_map}\npooled:\n{pooled}")
assert np.array_equal(pooled, [[6.0, 4.0], [7.0, 9.0]])
