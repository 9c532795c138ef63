# %%
# question: q1
values = [0.0]
def affine(x): return x * 0
nan = float('nan'); inf = float('inf'); big = 10**5000; numbers = [nan, inf]
print('accuracy: NaN', '9' * 10000)

# %%
# question: q2
total = sum(range(10))
