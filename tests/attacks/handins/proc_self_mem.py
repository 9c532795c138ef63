# %%
# question: q1
import ctypes
try:
    with open('/proc/self/mem', 'r+b') as m:
        s = b'before'; m.seek(id(s) + 32); m.write(b'after!')
except OSError as error: print(error)
print('held')

# %%
# question: q2
total = sum(range(10))
