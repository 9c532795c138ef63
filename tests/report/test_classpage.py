from html.parser import HTMLParser

import pytest

from grader.report.classpage import class_page, histogram, judged_share, question_columns, review_items


class Links(HTMLParser):
    """Where a page leads, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found.update(value or "" for name, value in attrs if name in {"href", "src"})


@pytest.fixture
def page(samples: dict) -> str:
    return class_page([sample.grade for sample in samples.values()])


def test_every_submission_is_linked(samples: dict, page: str) -> None:
    links = Links(page).found
    for sample in samples.values():
        assert f"./feedback/{sample.grade.submission}.html" in links
    assert "./feedback/ben-carter.html#question-q6" in links


def test_nothing_of_a_students_becomes_markup(page: str) -> None:
    links = Links(page)
    assert all(link.startswith(("./feedback/", "./grades.", "#", "data:,")) for link in links.found)
    assert not links.tags & {"img", "iframe", "object", "form"}
    assert page.count("<script>") == 1  # ours: its hash is in the policy
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_person_reads_answers_beside_the_key_points(page: str) -> None:
    assert "KEYPOINT: far fewer parameters" in page
    assert page.count("<strong>Convolutional networks</strong>") == 13
    assert "dataset/train is missing here." in page


def test_review_goes_by_criterion_in_the_rubrics_order(samples: dict) -> None:
    items = review_items([samples["partial"].grade, samples["lying"].grade])
    assert [item.question.id for item in items] == ["q1", "q2", "q3", "q4", "q5", "q7", "q10"]
    assert [waiting.grade.student for waiting in items[0].answers] == ["Ben Carter", "Cleo Marsh"]


def test_shares_are_of_points_that_are_judged(samples: dict) -> None:
    assert judged_share(samples["good"].grade) == 1.0
    assert judged_share(samples["partial"].grade) == pytest.approx(13.22 / 36)
    assert judged_share(samples["problem"].grade) is None


def test_the_mean_of_a_question_leaves_out_what_waits(samples: dict) -> None:
    columns = {c.id: c for c in question_columns([samples["partial"].grade, samples["lying"].grade])}
    assert columns["q1"].share is None
    assert (columns["q1"].judged, columns["q1"].answers) == (0, 2)
    assert columns["q7"].share == pytest.approx((6 + 7) / (6 + 10))
    assert columns["q9"].share == pytest.approx(4 / 20)


def test_the_histogram_has_every_share_in_one_bin() -> None:
    bins = histogram([0.0, 0.099, 0.3, 0.35, 1.0, 0.9])
    assert [b.number for b in bins] == [2, 0, 0, 2, 0, 0, 0, 0, 0, 2]
    assert bins[3].height == 100
    assert (bins[9].start, bins[9].end) == (90, 100)


def test_a_submission_without_a_grade_says_who_acts(page: str) -> None:
    assert "the student hands in again" in page
    assert "look at the machine, then grade again" in page


def test_an_empty_class_is_a_page_too() -> None:
    assert "No submissions" in class_page([])
