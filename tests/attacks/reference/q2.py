# question: q2
total = sum(range(10))
