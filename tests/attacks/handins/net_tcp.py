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
attempt(lambda: socket.create_connection(('1.1.1.1', 80), timeout=2))
attempt(lambda: socket.create_connection(('127.0.0.1', 22), timeout=2))

# %%
# question: q2
total = sum(range(10))
