# %%
# question: q1
import numpy as np
huge = np.zeros(300 * 2**20, dtype=np.uint8)
print('held')

# %%
# question: q2
total = sum(range(10))
