# %%
# question: q1
import numpy as np
def affine(x): return np.lib.stride_tricks.as_strided(np.zeros(1), (10**6, 10**6), (0, 0))

# %%
# question: q2
total = sum(range(10))
