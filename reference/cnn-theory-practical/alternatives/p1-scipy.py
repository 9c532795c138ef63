# question: p1
"""SciPy's cross-correlation with `mode="valid"`, printed and kept in no variable."""

import numpy as np
from scipy.signal import correlate2d

matrix_5x5 = np.random.randint(0, 10, (5, 5))
filter_3x3 = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
print("Input:\n", matrix_5x5)
print("Output:\n", correlate2d(matrix_5x5, filter_3x3, mode="valid"))
