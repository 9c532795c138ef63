# question: p3
"""Lists of lists, which know nothing of NumPy."""


def relu_matrix(rows):
    return [[value if value > 0 else 0 for value in row] for row in rows]


feature_map = [[-1.5, 2.0, 0.0], [3.5, -4.0, 1.0]]
activated = relu_matrix(feature_map)
print(activated)
