# %%
# question: q1
import os, socket, glob, ctypes, signal, subprocess, sys
def attempt(action):
    try:
        result = action()
    except (OSError, ValueError) as error:
        print('held', type(error).__name__)
    else:
        print('GAINED', repr(result)[:200])
attempt(lambda: socket.create_connection(('2606:4700:4700::1111', 80), timeout=2))

# %%
# question: q2
total = sum(range(10))
