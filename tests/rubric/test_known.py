from __future__ import annotations

from pathlib import Path

from grader.rubric import beside, load_rubric

RUBRICS = Path(__file__).parents[2] / "rubrics"


def test_the_other_rubrics_beside_one_are_known() -> None:
    names = {one.assignment for one in beside(load_rubric(RUBRICS / "cnn-basics.yaml"))}
    assert names >= {"cnn-architectures", "cnn-theory-practical", "lenet-alexnet"}
    assert "cnn-basics" not in names


def test_other_files_are_passed_over(tmp_path) -> None:
    for name in ("cnn-basics", "lenet-alexnet"):
        (tmp_path / f"{name}.yaml").write_bytes((RUBRICS / f"{name}.yaml").read_bytes())
    (tmp_path / "segments.yaml").write_text("alice: {q1: 2}")
    (tmp_path / "broken.yaml").write_text("a: [")
    assert [one.assignment for one in beside(load_rubric(tmp_path / "cnn-basics.yaml"))] == ["lenet-alexnet"]
