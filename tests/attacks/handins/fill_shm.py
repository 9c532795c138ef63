# %%
# question: q1
try:
    open('/dev/shm/big', 'wb').write(bytes(100 * 2**20)); print('GAINED')
except OSError as error: print('held', error)

# %%
# question: q2
total = sum(range(10))
