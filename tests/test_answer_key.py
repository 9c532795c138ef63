"""Labels are for the data set that a run saw, and for no other."""

from grader.pipeline import AnswerKey, labels_for
from grader.records import Environment, Submission, Trace

KEY = AnswerKey({"mnist": (1, 2), "shapes": (0, 1)}, {}, {"mnist": "d1", "shapes": "d2"})


def trace(data: dict[str, str]) -> Trace:
    return Trace(1, "a", "p", "quick", Submission("s", "S", "s.py", (), "d"), (), Environment(data=data))


def test_labels_of_the_data_that_a_run_saw():
    assert labels_for(trace({"mnist": "d1", "shapes": "d2"}), KEY) == KEY.labels


def test_no_labels_of_a_data_set_that_was_replaced_since():
    assert labels_for(trace({"mnist": "another", "shapes": "d2"}), KEY) == {"shapes": (0, 1)}


def test_a_trace_that_does_not_say_what_it_saw_is_believed():
    assert labels_for(trace({}), KEY) == KEY.labels
