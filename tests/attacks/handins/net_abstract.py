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
attempt(lambda: socket.socket(socket.AF_UNIX).connect('\0LISTENER'))

# %%
# question: q2
total = sum(range(10))
