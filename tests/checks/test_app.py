from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from grader.checks.app import AppParameters, app
from grader.records import App, Evidence, Model, Note, Training, Upload, Verdict

NORMAL, SICK = "xrays/a.jpeg", "xrays/b.jpeg"
ASKED = AppParameters(classes=("Normal", "Pneumonia"), pictures=(NORMAL, SICK))
FED: dict[str, Any] = {"input_shape": (1, 64, 64, 1), "input_range": (2.0, 250.0)}
RUNS = App(
    "app.py",
    (
        Upload(NORMAL, ("NORMAL", "Probability: 91.0%"), **FED),
        Upload(SICK, ("PNEUMONIA", "Probability: 88.0%"), **FED),
        Upload(NORMAL, ("NORMAL", "Probability: 91.0%"), **FED),
    ),
    asks=True,
    saved=("xray.keras",),
)
MODEL = Model("model", "Sequential", "keras", True, input_shape=(16, 64, 64, 1), input_origin="seen")
TRAINING = Training(0, "keras", steps=40, changed=8, input_range=(0.0, 255.0))


@pytest.fixture
def judged(evidence: Callable[..., Evidence]) -> Callable[..., Verdict]:
    def judge(found: App | None, **observed: Any) -> Verdict:
        seen = {"models": (MODEL,), "trainings": (TRAINING,), "apps": (found,) if found else ()} | observed
        return app(evidence(**seen), ASKED, None)

    return judge


def showing(*texts: str, **fed: Any) -> App:
    """An app that shows the same texts for each picture."""
    return replace(RUNS, uploads=tuple(Upload(u.picture, texts, **fed) for u in RUNS.uploads))


def test_an_app_that_shows_class_and_probability_gets_all(judged):
    verdict = judged(RUNS)
    assert verdict.share == 1
    assert "'NORMAL / Probability: 91.0%'" in verdict.rationale
    assert "64×64×1 with values from 2 to 250; in the training it was 64×64×1 from 0 to 255" in verdict.rationale


@pytest.mark.parametrize(
    "texts",
    [
        ("Prediction: **Pneumonia** `0.87`",),
        ("pneumonia", "confidence: 87.31"),
        ("Diagnosis", "PNEUMONIA (87 %)"),
        ('{"Normal": 0.13, "Pneumonia": 0.87}',),
        ("Normal", "Score 1.0"),
    ],
)
def test_probabilities_are_known_in_many_forms(judged, texts):
    assert judged(showing(*texts, **FED)).share == 1


def test_without_an_app_a_person_reads(judged):
    verdict = judged(None)
    assert verdict.share is None
    assert "No Streamlit app was found" in verdict.rationale


def test_what_the_environment_lacked_is_said(evidence):
    lacking = evidence(notes=(Note("missing", "streamlit is not installed", "streamlit"),))
    verdict = app(lacking, ASKED, None)
    assert verdict.share is None
    assert "streamlit is not installed" in verdict.rationale


def test_a_broken_app_names_its_error(judged):
    broken = App("app.py", asks=True, error="app.py: line 9: NameError: name 'modle' is not defined")
    verdict = judged(replace(broken, error_type="NameError"))
    assert verdict.share == 0
    assert "line 9: NameError: name 'modle' is not defined" in verdict.rationale


def test_a_model_loaded_under_another_name_is_told_with_the_saved_one(judged):
    error = "app.py: line 5: ValueError: File not found: filepath=xray_cnn.h5"
    broken = App("app.py", error=error, error_type="ValueError", saved=("xray.keras",))
    verdict = judged(broken)
    assert verdict.share == 0
    assert "Your code saved xray.keras" in verdict.rationale
    # A model that was trained elsewhere and is too large to hand in is nobody's mistake.
    assert judged(replace(broken, saved=()), trainings=(), models=()).share is None


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(RUNS, asks=False, uploads=()), "asks for no picture"),
        (showing("Uploaded!", "97 %", **FED), "showed 'Uploaded! / 97 %', expected Normal or Pneumonia"),
        (showing("Pneumonia 97 %"), "asked no network: it showed 'Pneumonia 97 %' whatever the picture was"),
        (
            replace(RUNS, uploads=tuple(Upload(NORMAL, (f"Normal 0.{i}",)) for i in (3, 4))),
            "asked no network",
        ),
    ],
)
def test_an_app_that_tells_nothing_gets_nothing(judged, found, said):
    verdict = judged(found)
    assert verdict.share == 0
    assert said in verdict.rationale


def test_a_network_that_nobody_could_see_is_left_to_a_person(judged):
    verdict = judged(replace(showing("Pneumonia", "100 %"), unseen=("saved_model",)))
    assert verdict.share is None
    assert "its code uses saved_model" in verdict.rationale


def test_a_sure_network_may_say_the_same_of_all_pictures(judged):
    assert judged(showing("Pneumonia", "100 %", **FED)).share == 1


def test_an_untrained_network_earns_nothing(judged):
    verdict = judged(RUNS, models=(replace(MODEL, trained=False),), trainings=())
    assert verdict.share == 0
    assert "never trained" in verdict.rationale
    # One that was handed in with its model was trained elsewhere.
    assert judged(replace(RUNS, saved=()), models=(), trainings=()).share == 1


def test_a_class_without_a_probability_loses(judged):
    verdict = judged(showing("It is NORMAL", **FED))
    assert verdict.share == pytest.approx(0.75)
    assert "a probability for 0 of 3" in verdict.rationale


@pytest.mark.parametrize(
    "fed",
    [
        {"input_shape": (1, 64, 64, 1), "input_range": (0.0, 1.0)},  # scaled in the app, not in the training
        {"input_shape": (1, 128, 128, 1), "input_range": (0.0, 255.0)},
        {"input_shape": (1, 64, 64, 3), "input_range": (0.0, 255.0)},
    ],
)
def test_a_picture_prepared_unlike_the_training_loses(judged, fed):
    uploads = tuple(replace(upload, **fed) for upload in RUNS.uploads)
    verdict = judged(replace(RUNS, uploads=uploads))
    assert verdict.share == pytest.approx(0.5)
    assert "in the training it was 64×64×1 from 0 to 255" in verdict.rationale


def test_an_app_that_scales_what_the_training_did_not_scale_down(judged):
    scaled = (replace(TRAINING, input_range=(0.0, 1.0)),)
    assert judged(RUNS, trainings=scaled).share == pytest.approx(0.5)
