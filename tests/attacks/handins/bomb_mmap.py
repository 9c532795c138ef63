# %%
# question: q1
import mmap
maps = []
while True:
    m = mmap.mmap(-1, 32 * 2**20, mmap.MAP_PRIVATE); m.write(b'x' * 32 * 2**20); maps.append(m)

# %%
# question: q2
total = sum(range(10))
