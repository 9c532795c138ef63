"""Is a rubric right? Its reference and other right answers must get everything, planted mistakes must be caught.

mutants.py   reference/<assignment>/mutants.yaml -> named mistakes, or every mistake in that file with its line
cases.py     what is to be graded: the reference, its alternatives, its mutants
trivial.py   hand-ins that claim work they did not do, made from the rubric and the reference
running.py   runs the cases in warm kernels; what was run before is not run again
kept.py      traces of earlier runs, found again by their key
outcome.py   what a grade says of its case: right, wrongly punished, caught, missed. Pure
table.py     for people
data.py      for programs
"""

from grader.verify.cases import Case, Cases, cases_of
from grader.verify.data import spreads_data, verified_data
from grader.verify.kept import kept_traces
from grader.verify.mutants import Mutant
from grader.verify.outcome import Outcome, Verified
from grader.verify.running import View, verify, with_seeds
from grader.verify.table import print_spreads, print_verified, words

__all__ = [
    "Case",
    "Cases",
    "Mutant",
    "Outcome",
    "Verified",
    "View",
    "cases_of",
    "kept_traces",
    "print_spreads",
    "print_verified",
    "spreads_data",
    "verified_data",
    "verify",
    "with_seeds",
    "words",
]
