# %%
# question: q1
import subprocess
subprocess.Popen(['sleep', '987655'], start_new_session=True)
print('held')

# %%
# question: q2
total = sum(range(10))
