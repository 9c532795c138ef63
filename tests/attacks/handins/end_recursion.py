# %%
# question: q1
import sys
sys.setrecursionlimit(10**9)
f = lambda: f()
f()

# %%
# question: q2
total = sum(range(10))
