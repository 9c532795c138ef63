# %%
# question: q1
values = [0.0]
def affine(x): return x * 0
from IPython.display import HTML, display
print('<script>alert(1)</script><img src=x onerror=alert(1)>')
display(HTML('<script>alert(2)</script>'))
raise ValueError('</pre><script>alert(3)</script>')

# %%
# question: q2
total = sum(range(10))
