# %%
# question: q1
breakpoint()
import pdb; pdb.set_trace()
print('held')

# %%
# question: q2
total = sum(range(10))
