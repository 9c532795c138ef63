# %%
# question: q1
import atexit, time
atexit.register(time.sleep, 999)
class Late:
    def __del__(self): time.sleep(1)
late = Late(); print('held')

# %%
# question: q2
total = sum(range(10))
