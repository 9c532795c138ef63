# %%
# question: q1
k = get_ipython().kernel
p = k.get_parent('shell')
k.session.send(k.iopub_socket, 'status', {'execution_state': 'idle'}, parent=p)
k.session.send(k.iopub_socket, 'error', {'ename': 'X', 'evalue': '', 'traceback': []}, parent=p)

# %%
# question: q2
total = sum(range(10))
