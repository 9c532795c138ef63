"""The check `app`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field

from grader.checks.absence import lacked, observed
from grader.checks.parts import Part, in_parts
from grader.checks.registry import Parameters, check
from grader.records import App, AppRequest, Evidence, Observation, Training, Upload, Verdict

# "87 %", "0.87", "confidence: 87.3"
_PROBABILITY = re.compile(
    r"\d\s*%|(?<![\d.])(?:0?\.\d+|1\.0+)(?![\d.])|(?:prob|conf|score|certain|likel)\w*\W{1,8}\d", re.IGNORECASE
)
_FILES = frozenset(("FileNotFoundError", "OSError", "IOError", "ValueError", "NotFoundError"))
_ABSENT_FILE = re.compile(r"no such file|not found|does not exist|unable to (?:synchronously )?open", re.IGNORECASE)
_MISSED = 0.1  # of the range of the training's pictures
_SHOWN = 120  # characters of what was shown


class AppParameters(Parameters):
    """What the app is given, and what it must show."""

    classes: tuple[str, ...] = Field(min_length=2, description="Names of the classes: one of them must be shown.")
    pictures: tuple[str, ...] = Field(min_length=1, description="Pictures in the work folder that are uploaded.")
    seconds: float = Field(60.0, gt=0, le=300, description="How long the app may take for all pictures.")


def _requests(parameters: AppParameters, _seed: int) -> tuple[AppRequest, ...]:
    return (AppRequest(parameters.pictures, parameters.seconds),)


@check("app", requests=_requests)
def app(evidence: Evidence, parameters: AppParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Does your Streamlit app show what your network says about a picture?

    Your app (a file `app.py`, a `%%writefile` cell or a code block) is started without a browser, in Streamlit's own
    test harness. Pictures are uploaded, and your buttons are pressed. It must then show the name of a class and a
    probability; and what it feeds the network must have the size and the range of the pictures that you trained with.
    Both are parts of the same weight. An app that fails, asks for no picture, shows no class, shows the same for every
    picture without asking a network, or asks one that was never trained gets nothing. Without an app, a person reads
    your text.
    """
    found = next(iter(observed(evidence).apps), None)
    if found is None:
        note = lacked(evidence)
        text = "No Streamlit app was found in this answer. A person will read what you wrote about it."
        return Verdict(None, f"{text} {note.message}" if note else text)
    if found.error:
        return _failed(found, observed(evidence))
    if problem := _problem(found, observed(evidence), parameters.classes):
        return Verdict(0.0, *problem)
    if _asked_none(found) and found.unseen:
        text = f"{found.name} showed {_told(found.uploads[0])} whatever the picture was; whether a network was asked"
        return Verdict(
            None, f"{text} could not be seen, as its code uses {', '.join(found.unseen)}. A person will look."
        )
    parts = [_shows(found.uploads, parameters.classes), _prepared(found.uploads, observed(evidence))]
    return in_parts(f"{found.name} was started, and {_count(found)} uploaded.", parts)


def _count(found: App) -> str:
    uploads = len(found.uploads)
    return f"{uploads} picture{'s were' if uploads > 1 else ' was'}"


def _trained(seen: Observation) -> list[Training]:
    return [stage for stage in seen.trainings if stage.steps and stage.changed]


def _failed(found: App, seen: Observation) -> Verdict:
    """A broken app is the student's, unless it lacks a model that could not be handed in."""
    text = f"The app fails: {found.error.strip().rstrip('.')}."
    if found.error_type not in _FILES or not _ABSENT_FILE.search(found.error):
        return Verdict(0.0, text, "Start it on your own machine with `streamlit run app.py`, and upload a picture.")
    if not found.saved and not _trained(seen):
        return Verdict(None, f"{text} The model was not handed in, and none was saved here. A person will look.")
    saved = f" Your code saved {', '.join(found.saved)}." if found.saved else " Your code saved no model."
    return Verdict(0.0, text + saved, "Load the model under the name under which you saved it.")


def _problem(found: App, seen: Observation, classes: Sequence[str]) -> tuple[str, str] | None:
    """Why an app that runs earns nothing, with a hint; None if there is no such reason."""
    if not found.asks:
        return f"{found.name} runs, but it asks for no picture.", "Let st.file_uploader ask for one."
    if not any(_class_in(upload, classes) for upload in found.uploads):
        shown = _told(found.uploads[0]) if found.uploads else "nothing"
        text = f"After a picture was uploaded, {found.name} showed {shown}, expected {' or '.join(classes)}."
        return text, "Show the name of the class that the network gives, with its probability."
    if _asked_none(found) and not found.unseen:
        text = f"{found.name} asked no network: it showed {_told(found.uploads[0])} whatever the picture was."
        return text, "Load your trained model in the app, and show what it gives for the uploaded picture."
    if found.saved and seen.models and not any(model.trained for model in seen.models):
        text = f"{found.name} shows what a network says that was never trained."
        return text, "Train the network before you save it."
    return None


def _asked_none(found: App) -> bool:
    """Whether no network was seen, and what was shown does not follow from the picture: always the same, or drawn."""
    uploads = found.uploads
    same = len(uploads) > 1 and len({upload.shown for upload in uploads}) == 1
    drawn = any(a.picture == b.picture and a.shown != b.shown for a in uploads for b in uploads)
    return not any(upload.input_shape for upload in uploads) and (same or drawn)


def _class_in(upload: Upload, classes: Sequence[str]) -> bool:
    text = " ".join(upload.shown).casefold()
    return any(re.search(rf"\b{re.escape(name.casefold())}\b", text) for name in classes)


def _told(upload: Upload) -> str:
    text = " / ".join(upload.shown)
    return f"'{text[:_SHOWN]}'" if text else "nothing"


def _shows(uploads: Sequence[Upload], classes: Sequence[str]) -> Part:
    named = sum(_class_in(upload, classes) for upload in uploads)
    sure = sum(bool(_PROBABILITY.search(" ".join(upload.shown))) for upload in uploads)
    share = (named + sure) / (2 * len(uploads))
    text = f"For the first one it showed {_told(uploads[0])}."
    if share == 1:
        return Part(1.0, text)
    of = len(uploads)
    return Part(
        share,
        f"{text} A class was named for {named} of {of}, a probability for {sure} of {of}.",
        "Show both: the name of the class and its probability.",
    )


def _prepared(uploads: Sequence[Upload], seen: Observation) -> Part:
    """Whether the app feeds the network pictures like those of its training."""
    fed = next((upload for upload in uploads if upload.input_range), None)
    stage = next((stage for stage in reversed(_trained(seen)) if stage.input_range and stage.model is not None), None)
    if fed is None or fed.input_range is None or stage is None or stage.input_range is None:
        return Part(None, "How it prepares a picture could not be compared with a training.")
    wanted = _size(seen.models[stage.model].input_shape) if stage.model is not None else ()
    (low, high), (least, greatest) = fed.input_range, stage.input_range
    text = (
        f"It feeds the network {'×'.join(map(str, fed.input_shape[1:]))} with values from {low:.3g} to {high:.3g}; in "
        f"the training it was {'×'.join(map(str, wanted))} from {least:.3g} to {greatest:.3g}."
    )
    alike = _alike((low, high), (least, greatest)) and (not wanted or tuple(fed.input_shape[1:]) == wanted)
    return Part(float(alike), text, "Prepare a picture in the app as in the training: same size, same scale, once.")


def _size(shape: Sequence[int | None]) -> tuple[int | None, ...]:
    return tuple(shape[1:])


def _alike(one: tuple[float, float], batch: tuple[float, float]) -> bool:
    """Whether the range of one picture fits that of a batch: within it, and no small part of it."""
    span = batch[1] - batch[0]
    inside = batch[0] - span * _MISSED <= one[0] and one[1] <= batch[1] + span * _MISSED
    return inside and one[1] - one[0] >= span * _MISSED
