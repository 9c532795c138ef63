# question: p1
"""No function: two arrays, two loops, and the result in a variable."""

import numpy as np

A = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
K = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
conv_out = np.zeros((3, 3))
for r in range(3):
    for c in range(3):
        conv_out[r, c] = np.sum(A[r : r + 3, c : c + 3] * K)
print("Feature map:")
print(conv_out)
# The expected output is
# [[4 3 4]
#  [2 4 3]
#  [2 3 4]]
