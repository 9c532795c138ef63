import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from grader.records import CellRun, ErrorTrace, FigureShown, QuestionGrade, Verdict
from grader.report.html import submission_page

ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "button", "base", "audio", "video", "source", "image"}


class Page(HTMLParser):
    """The elements of a page and the text that a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(sample) -> Page:
    return Page(submission_page(sample.grade, sample.trace, sample.blobs))


def html(sample) -> str:
    return submission_page(sample.grade, sample.trace, sample.blobs)


@pytest.mark.parametrize("name", ["good", "partial", "lying", "problem", "fault", "hostile"])
def test_nothing_on_a_page_can_run_or_ask_for_anything(samples: dict, name: str) -> None:
    for tag, attributes in page(samples[name]).elements:
        assert tag not in ACTIVE
        assert not [a for a in attributes if a.startswith("on") or a in {"style", "srcset", "action", "formaction"}]
        assert attributes.get("href", "#").startswith(("#", "data:,"))
        assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
        assert attributes.get("http-equiv", "").lower() != "refresh"


def test_the_policy_allows_the_style_sheet_by_its_hash_and_nothing_else(samples: dict) -> None:
    text = html(samples["good"])
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(a["content"] for t, a in Page(text).elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert text.index("Content-Security-Policy") < text.index("<style>")
    assert "url(" not in style
    assert "@import" not in style


def test_the_first_screen_has_the_total_and_the_first_thing_to_fix(samples: dict) -> None:
    text = page(samples["partial"]).text
    top = text[: text.index("Questions")]
    assert "13.22 /100" in top
    assert "36.7 % of the 36 points judged so far" in top
    assert "Fix this first q6 · LeNet-5 on MNIST −18.78 points" in top
    assert "Your code stops in cell 12, line 16. The network gives 256 rows for 64 labels" in top
    assert "x.flatten(1) keeps the batch axis" in top
    assert "q9 falls with it" in top


def test_every_question_says_its_cells_status_and_points(samples: dict) -> None:
    text = page(samples["partial"]).text
    assert "Answer found in cells 11–12 · some of the code ran" in text
    assert "some of the code ran · 242.5 s" in text
    assert "Cell 12 was stopped: out of time at 240 s of 240 s" in text
    assert "not yet 0 /3" in text
    assert "partly 0.72 /3" in text
    assert "Shortened Training was stopped after 20 s" in text


def test_the_error_is_the_students_line_and_an_echo_links_to_its_root(samples: dict) -> None:
    found = page(samples["partial"])
    assert "Your code stopped in cell 12, line 16" in found.text
    assert "16 loss = criterion(model(images), labels) ← stopped here" in found.text
    assert "The cause lies earlier: cell 12 (question q6 ) failed" in found.text
    assert ("a", {"href": "#question-q6"}) in found.elements
    assert {"id": "question-q6"}.items() <= dict(
        next(a for t, a in found.elements if a.get("id") == "question-q6")
    ).items()


def test_layers_stand_beside_the_reference_with_the_difference_in_words(samples: dict) -> None:
    text = page(samples["partial"]).text
    assert "The first difference is in row 3." in text
    assert "Conv2d 16@5×5 padding 2 → 64×16×14×14 Conv2d 16@5×5 → 64×16×10×10 first difference" in text
    assert "nothing here Linear 120 → 64×120 differs" in text


def test_a_claim_stands_beside_the_measurement(samples: dict) -> None:
    text = page(samples["lying"]).text
    assert "measured 11.3 %" in text
    assert "you reported 99.4 %" in text


def test_a_figure_stands_once_on_the_page(samples: dict) -> None:
    found = page(samples["partial"])
    assert len([t for t, _ in found.elements if t == "img"]) == 1
    assert "Figure 1 , shown above." in found.text
    image = next(a for t, a in found.elements if t == "img")
    assert (image["width"], image["height"], image["alt"]) == ("640", "320", "Your figure: accuracy over epochs")


def test_a_figure_that_is_no_png_is_not_shown(samples: dict) -> None:
    assert "its picture is damaged" in page(samples["hostile"]).text
    assert "<svg xmlns=" not in html(samples["hostile"])


def test_what_waits_is_not_shown_as_lost(samples: dict) -> None:
    text = page(samples["good"]).text
    assert "Nothing to fix" in text
    assert "waits for a person 60" in text
    assert "These 10 points are not lost. A person decides about them." in text
    assert "not earned 0" in text


def test_what_is_graded_after_hand_in_does_not_wait_for_a_person(samples: dict) -> None:
    sample = samples["good"]

    def later(question: QuestionGrade) -> QuestionGrade:
        waits = Verdict(None, "Graded after hand-in.")
        criteria = [c if c.verdict.share is not None else replace(c, check="after_hand_in", verdict=waits)
                    for c in question.criteria]  # fmt: skip
        return replace(question, criteria=tuple(criteria))

    text = page(replace(sample, grade=replace(sample.grade, questions=tuple(map(later, sample.grade.questions))))).text
    assert "waits for a person" not in text
    assert "A person decides" not in text
    assert "graded after hand-in 60" in text
    assert "These 10 points are not lost. They are judged after you hand in." in text


def test_key_points_are_not_on_the_students_page(samples: dict) -> None:
    for sample in samples.values():
        assert "KEYPOINT" not in html(sample)
        assert "local receptive field" not in html(sample)


def test_of_a_hidden_criterion_only_name_and_result_are_shown(samples: dict) -> None:
    text = html(samples["partial"])
    assert "HIDDENTITLE" in text
    assert "HIDDENRATIONALE" not in text
    assert "HIDDENHINT" not in text
    assert "12.3 %" not in text


def test_a_picture_of_a_hidden_criterion_is_not_in_the_file(samples: dict) -> None:
    sample = samples["partial"]
    q6 = sample.grade.questions[5]
    hidden = q6.criteria[-1]
    verdict = replace(hidden.verdict, exhibits=(FigureShown("curve.png"),))
    only = replace(q6, criteria=(replace(hidden, verdict=verdict),))
    assert "<img" not in submission_page(replace(sample.grade, questions=(only,)), sample.trace, sample.blobs)


def test_a_hand_in_that_could_not_be_read_says_what_to_do(samples: dict) -> None:
    text = page(samples["problem"]).text
    assert "This hand-in is not graded yet" in text
    assert "not a notebook" in text
    assert "hand it in again" in text
    assert "/100" not in text


def test_a_fault_of_the_grader_is_not_the_students(samples: dict) -> None:
    text = page(samples["fault"]).text
    assert "This is not your fault, and it costs you no points." in text
    assert "/100" not in text


def test_an_error_before_the_first_question_has_its_own_place(samples: dict) -> None:
    sample = samples["partial"]
    error = ErrorTrace("ModuleNotFoundError", "No module named 'torchsummary'", 0, 1, "import torchsummary")
    echo = replace(sample.grade.questions[8], error=ErrorTrace("NameError", "x", 18, 3, "x", echo_of=0))
    trace = replace(sample.trace, shared=(CellRun(0, "error", error=error),))
    found = Page(submission_page(replace(sample.grade, questions=(echo,)), trace, {}))
    assert "Before the first question Your code stopped in cell 0, line 1" in found.text
    assert ("a", {"href": "#before"}) in found.elements


def test_hostile_strings_are_text_without_terminal_codes(samples: dict) -> None:
    text = html(samples["hostile"])
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x00" not in text
    assert "&lt;script&gt;" in text
    assert "{{ 7*7 }}" in text
    assert "nan" not in re.sub(r"<style>.*?</style>|base64,\S+", "", text, flags=re.DOTALL).lower()


def test_headings_have_an_outline(samples: dict) -> None:
    levels = [int(t[1]) for t, _ in page(samples["partial"]).elements if re.fullmatch(r"h[1-6]", t)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique(samples: dict) -> None:
    for sample in samples.values():
        ids = [a["id"] for _, a in page(sample).elements if "id" in a]
        assert len(ids) == len(set(ids))


def test_the_references_figure_stands_beside_the_students(samples: dict) -> None:
    sample = samples["partial"]
    q8 = sample.grade.questions[7]
    exhibits = (FigureShown("curve.png", "mine"), FigureShown("other.png", "theirs", reference=True))
    criterion = replace(q8.criteria[1], verdict=replace(q8.criteria[1].verdict, exhibits=exhibits))
    blobs = {**sample.blobs, "other.png": sample.blobs["curve.png"] + b" "}
    grade = replace(sample.grade, questions=(replace(q8, criteria=(criterion,)),))
    found = Page(submission_page(grade, sample.trace, blobs))
    assert "Your figure Figure 1 mine The reference's Figure 2 theirs" in found.text
    assert [a["alt"] for t, a in found.elements if t == "img"] == [
        "Your figure: mine",
        "The reference's figure: theirs",
    ]


def test_an_error_is_said_in_plain_words_where_it_stopped(samples: dict) -> None:
    text = page(samples["partial"]).text
    box = text[text.index("Your code stopped in cell 12") :]
    assert "The network gives 256 rows for 64 labels" in box
    assert "What to do: Look for view(-1, …)" in box


def test_the_overview_says_what_each_question_lost(samples: dict) -> None:
    text = page(samples["partial"]).text
    assert "q9 GoogLeNet on CIFAR-10 not yet − lost 10 0 /10" in text
    assert "q1 What a CNN is waits for a person – open /10" in text


def test_a_verdict_says_where_in_the_code(samples: dict) -> None:
    shown = page(samples["partial"])
    assert "In your code: cell 11, line 4 class Net(nn.Module): # <b>mine</b>" in shown.text
