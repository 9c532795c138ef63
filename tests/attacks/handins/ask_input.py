# %%
# question: q1
name = input('secret? '); print('held', repr(name))

# %%
# question: q2
total = sum(range(10))
