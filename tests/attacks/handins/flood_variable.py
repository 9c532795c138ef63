# %%
# question: q1
import numpy as np
huge = np.ones(500_000_000, dtype=np.uint8)
values = huge.reshape(500, -1)
print('held')

# %%
# question: q2
total = sum(range(10))
