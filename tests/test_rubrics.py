"""The rubrics that are shipped: complete, distinct, and with references that fit."""

import runpy
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz, utils

from grader.checks.accuracy import AccuracyParameters
from grader.data import DATA_SETS
from grader.rubric import Question, Rubric, load_rubric, plan
from grader.segment.likeness import Likeness

ROOT = Path(__file__).parents[1]
MOST_ALIKE = 85  # percent; from there on, a copy of one prompt may be taken for the other


def ids(letter: str, last: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, last + 1)]


QUESTIONS = {
    "cnn-architectures": ids("q", 10),
    "cnn-basics": ids("q", 10),
    "cnn-theory-practical": [*ids("t", 17), *ids("p", 13)],
    "lenet-alexnet": [*ids("a", 4), *ids("b", 4), *ids("c", 4)],
}
# How teachers ask the same: not the wording of the rubrics, which a hand-in need not have.
ASKED = {
    "cnn-basics": {
        "q1": "What do kernels and feature maps do in a CNN?",
        "q2": "Describe how stride and padding change the size of the output feature map.",
        "q4": "How do stride and filter size affect how many parameters a convolutional network has?",
        "q6": "Train a small CNN from scratch on MNIST with Keras (create, compile, fit, evaluate).",
        "q8": "Write a PyTorch script to train a CNN on MNIST, with data loader, training loop and evaluation.",
        "q9": "Use ImageDataGenerator to train a CNN on images in a local folder.",
        "q10": "Build a Streamlit web app that detects pneumonia in chest X-ray images with a CNN.",
    },
    "cnn-theory-practical": {
        "t3": "Explain what a convolutional layer does.",
        "t6": "Which types of pooling are there?",
        "t13": "How is VGGNet different from AlexNet?",
        "t16": "DenseNet: how does it differ from ResNet?",
        "p1": "Implement a basic convolution operation using a filter and a 5x5 matrix",
        "p2": "Implement max pooling on a 4x4 feature map",
        "p8": "Add batch normalization to a CNN",
        "p10": "Print the architecture of VGG16",
        "p12": "Print the architecture of ResNet50",
        "p13": "Train a basic CNN and print loss and accuracy for each epoch",
    },
    "lenet-alexnet": {
        "a1": "What is the purpose of pooling, and what are its benefits?",
        "a4": "Zero padding vs. valid padding: effect on the feature map size",
        "b1": "Give an overview of LeNet-5",
        "b3": "What are the advantages and limitations of LeNet-5?",
        "c2": "Which innovations made AlexNet a breakthrough?",
        "c4": "Implement AlexNet and evaluate it on a data set of your choice",
    },
}
SAMPLE = np.random.default_rng(7).normal(size=(5, 5))


@pytest.fixture(params=QUESTIONS)
def rubric(request) -> Rubric:
    return load_rubric(ROOT / "rubrics" / f"{request.param}.yaml")


def test_every_rubric_is_listed_here():
    assert {path.stem for path in (ROOT / "rubrics").glob("*.yaml")} == QUESTIONS.keys()


def test_a_rubric_has_its_questions_in_order(rubric):
    assert [question.id for question in rubric.questions] == QUESTIONS[rubric.assignment]
    assert rubric.path.stem == rubric.assignment


def test_a_rubric_has_100_points_that_add_up(rubric):
    assert rubric.total == 100
    assert {q.id: sum(c.points for c in q.criteria) for q in rubric.questions} == {
        q.id: q.points for q in rubric.questions
    }


def test_theory_has_2_points_a_question():
    rubric = load_rubric(ROOT / "rubrics" / "cnn-theory-practical.yaml")
    assert {question.points for question in rubric.questions if question.id.startswith("t")} == {2.0}


def test_every_question_says_what_it_asks_and_helps_where_points_are_lost(rubric):
    for question in rubric.questions:
        assert len(question.prompt.split()) >= 7, question.id
        assert all(criterion.hint.endswith(".") for criterion in question.criteria), question.id


def test_written_answers_have_at_least_three_key_points(rubric):
    written = [c for question in rubric.questions for c in question.criteria if c.check == "written"]
    assert written
    assert all(len(criterion.parameters.key_points) >= 3 for criterion in written)


def test_key_points_of_theory_name_a_source(rubric):
    """A year in brackets or after a name: a person can look the point up."""
    theory = [q for q in rubric.questions if [c.check for c in q.criteria] == ["written"]]
    without = [q.id for q in theory if not any(year in _key_points(q) for year in ("19", "20"))]
    assert theory
    assert not without


def _key_points(question: Question) -> str:
    return " ".join(question.criteria[0].parameters.key_points)


def test_what_needs_a_reference_has_one(rubric):
    folder = rubric.reference_folder
    solved = {path.stem for path in folder.glob("*.py")} if folder else set()
    assert folder is None or solved <= {question.id for question in rubric.questions}
    assert {question.id for question in rubric.questions if _needs_reference(question)} <= solved


def _needs_reference(question: Question) -> bool:
    return any(
        c.check in ("function", "timing") or (c.check == "architecture" and c.parameters.compare)
        for c in question.criteria
    )


def test_the_data_that_a_criterion_asks_about_are_served(rubric):
    asked = {request.data_set for question in plan(rubric, seed=1) for request in question.predict}
    assert asked <= set(rubric.data)


def test_where_data_stand_in_thresholds_say_so(rubric):
    standing_in = {name for name in rubric.data if DATA_SETS[name].stand_in}
    silent = [
        f"{question.id}/{criterion.id}"
        for question in rubric.questions
        for criterion in question.criteria
        if isinstance(criterion.parameters, AccuracyParameters)
        and criterion.parameters.data in standing_in
        and criterion.parameters.stand_in is None
    ]
    assert silent == []


def test_no_two_prompts_of_a_section_are_nearly_the_same(rubric):
    near = [
        (one.id, other.id, round(likeness))
        for one, other in combinations(rubric.questions, 2)
        if one.id[0] == other.id[0] and (likeness := _likeness(one, other)) > MOST_ALIKE
    ]
    assert not near


def _likeness(one: Question, other: Question) -> float:
    return fuzz.token_sort_ratio(one.prompt, other.prompt, processor=utils.default_process)


@pytest.mark.parametrize("assignment", ASKED)
def test_the_same_question_in_other_words_is_recognised(assignment):
    rubric = load_rubric(ROOT / "rubrics" / f"{assignment}.yaml")
    texts = ASKED[assignment]
    found = Likeness([(q.title, q.prompt) for q in rubric.questions]).cosines(list(texts.values()))
    nearest = [rubric.questions[column].id for column in found.argmax(axis=1)]
    assert dict(zip(texts, nearest, strict=True)) == {question: question for question in texts}


def reference(name: str) -> dict[str, object]:
    return runpy.run_path(str(ROOT / "reference" / "cnn-theory-practical" / name))


@pytest.mark.parametrize("name", ["p1.py", "p2.py", "p3.py"])
def test_every_reference_names_its_question(name):
    first = (ROOT / "reference" / "cnn-theory-practical" / name).read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# question: {name.removesuffix('.py')}"


def test_the_reference_convolution_is_the_sum_over_each_window():
    kernel = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    by_hand = [[(SAMPLE[i : i + 3, j : j + 3] * kernel).sum() for j in range(3)] for i in range(3)]
    assert np.allclose(reference("p1.py")["conv2d"](SAMPLE, kernel), by_hand)


@pytest.mark.parametrize(("shape", "pooled"), [((4, 4), (2, 2)), ((5, 4), (2, 2)), ((2, 6), (1, 3))])
def test_the_reference_pooling_gives_the_largest_of_each_window(shape: Sequence[int], pooled: Sequence[int]):
    values = np.arange(np.prod(shape), dtype=float).reshape(shape)
    result = reference("p2.py")["max_pool"](values)
    assert result.shape == pooled
    # Numbers that rise along both axes have their maximum in the last corner of a window.
    assert np.array_equal(result, values[1 : 2 * pooled[0] : 2, 1 : 2 * pooled[1] : 2])


def test_the_reference_relu_leaves_its_input_alone():
    before = SAMPLE.copy()
    result = reference("p3.py")["relu"](SAMPLE)
    assert np.array_equal(SAMPLE, before)
    assert (result >= 0).all()
    assert np.array_equal(result[before > 0], before[before > 0])
