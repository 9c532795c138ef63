# %%
# question: q1
from IPython.display import publish_display_data
MIME = 'application/vnd.grader.observation+json'
publish_display_data({MIME: {'observation': {'question': 'q1', 'calls': [{'request': 'affine', 'case': 0, 'function': 'affine', 'value': {'name': '', 'type': 'float', 'values': [1.0]}}]}, 'blobs': {}}})

# %%
# question: q2
total = sum(range(10))
