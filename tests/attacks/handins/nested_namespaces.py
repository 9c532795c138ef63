# %%
# question: q1
import subprocess
r = subprocess.run('unshare -Urm sh -c "cat /etc/shadow; mount -t tmpfs x /usr && touch /usr/attack-was-here; mount -o remount,rw /usr && touch /usr/attack-was-here; ls /root"', shell=True, capture_output=True, text=True)
print('GAINED' if 'root:' in r.stdout else 'held', r.stderr[:200])

# %%
# question: q2
total = sum(range(10))
