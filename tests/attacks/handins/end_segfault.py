# %%
# question: q1
import ctypes; ctypes.memset(0, 1, 1)

# %%
# question: q2
total = sum(range(10))
