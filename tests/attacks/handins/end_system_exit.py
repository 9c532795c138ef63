# %%
# question: q1
raise SystemExit(0)

# %%
# question: q2
total = sum(range(10))
