# %%
# question: q1
import os
for _ in range(100): os.write(1, b'z' * 1_000_000)
print('held')

# %%
# question: q2
total = sum(range(10))
