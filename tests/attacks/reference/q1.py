# question: q1
# CANARY
def affine(x):
    return 3 * x + 7
