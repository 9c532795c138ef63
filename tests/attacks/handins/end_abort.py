# %%
# question: q1
import os; os.abort()

# %%
# question: q2
total = sum(range(10))
