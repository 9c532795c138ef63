# %%
# question: q1
from IPython.display import publish_display_data
for _ in range(30): publish_display_data({'text/plain': 'y' * 4_000_000})

# %%
# question: q2
total = sum(range(10))
