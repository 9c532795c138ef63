# %%
# question: q1
values = [0.0]
def affine(x): return x * 0
class Evil:
    def __repr__(self): raise SystemExit
    def __len__(self): return -1
    def __getattr__(self, n): raise KeyboardInterrupt
    def __eq__(self, o): return True
    def __bool__(self): raise SystemExit
    def __reduce__(self): raise SystemExit
    def __array__(self, *a, **k): raise SystemExit
    def __hash__(self): return 0
evil = Evil(); evils = [evil, [evil]]

# %%
# question: q2
total = sum(range(10))
