# %%
# question: q1
import re
re.match(r'(a|a)*$', 'a' * 60 + 'b')

# %%
# question: q2
total = sum(range(10))
