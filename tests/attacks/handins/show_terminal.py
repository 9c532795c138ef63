# %%
# question: q1
values = [0.0]
def affine(x): return x * 0
print('\x1b]0;owned\x07\x1b[2J\x00\u202eabc')
raise ValueError('\x1b[31mred\x1b]8;;http://x\x07')

# %%
# question: q2
total = sum(range(10))
