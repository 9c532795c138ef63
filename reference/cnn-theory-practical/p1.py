# question: p1
"""Convolution of a matrix with a filter, as the convolutional layers of PyTorch and Keras compute it.

Goodfellow, Bengio, Courville (2016), "Deep Learning", section 9.1, equation 9.6: what deep learning calls convolution
is the cross-correlation S(i, j) = Σ_m Σ_n I(i + m, j + n) K(m, n); the filter is not turned round. Without padding and
with stride 1, an axis of N values and a filter of F values give N - F + 1 (Dumoulin and Visin 2016, "A guide to
convolution arithmetic for deep learning", arXiv:1603.07285, relationship 1).

    matrix 5×5, filter 3×3 -> 3×3
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


def conv2d(matrix: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The valid cross-correlation with stride 1.

    Args:
        matrix: (H, W).
        kernel: (h, w), not larger than the matrix.

    Returns:
        (H - h + 1, W - w + 1).
    """
    windows = sliding_window_view(matrix, kernel.shape)  # (H - h + 1, W - w + 1, h, w)
    result: NDArray[np.float64] = np.einsum("ijmn,mn->ij", windows, kernel)
    return result


matrix = np.arange(25.0).reshape(5, 5)
vertical_edge = np.array([[1.0, 0.0, -1.0]] * 3)
result = conv2d(matrix, vertical_edge)
print(f"{matrix}\nwith the filter\n{vertical_edge}\ngives\n{result}")
# Each row of a window rises by 1 per column, so it gives x - (x + 2) = -2; a window has three rows.
assert np.array_equal(result, np.full((3, 3), -6.0))
