# question: p2
"""Window and stride are arguments without defaults."""

import numpy as np


def max_pooling(feature_map, pool_size, stride):
    height = (feature_map.shape[0] - pool_size) // stride + 1
    width = (feature_map.shape[1] - pool_size) // stride + 1
    pooled = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            window = feature_map[y * stride : y * stride + pool_size, x * stride : x * stride + pool_size]
            pooled[y, x] = np.max(window)
    return pooled


fmap = np.arange(16).reshape(4, 4)[::-1]
result = max_pooling(fmap, pool_size=2, stride=2)
print(f"Before:\n{fmap}\nAfter:\n{result}")
