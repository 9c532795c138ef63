import io
from pathlib import Path

from rich.console import Console

from grader.report.terminal import grade_table, print_summary


def printed(samples: dict, width: int = 80, color: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=color, color_system="truecolor" if color else None
    )
    print_summary(console, [sample.grade for sample in samples.values()], Path("/out"))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_log_shows_points_losses_and_what_waits(samples: dict) -> None:
    lines = printed(samples).splitlines()
    ben = next(line for line in lines if "Ben Carter" in line)
    assert "13.22/100" in ben
    assert "64" in ben
    assert "q6 -8.78, q8 -4, q9 -10" in ben
    amara = next(line for line in lines if "Amara Okafor" in line)
    assert amara.rstrip().endswith("none")
    assert all(len(line) <= 80 for line in lines)


def test_the_end_says_where_to_go_on(samples: dict) -> None:
    text = printed(samples, 100)
    assert "For a person: 15 answers of 4 submissions (144 points)" in text
    assert "Not graded:   Dana Wu, Dana Wu" in text
    assert "/out/index.html" in text
    assert "/out/grades.csv" in text


def test_student_made_names_are_neither_markup_nor_terminal_codes(samples: dict) -> None:
    text = printed(samples)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x00" not in text


def test_a_path_with_brackets_is_printed_as_it_is(samples: dict) -> None:
    console = Console(file=io.StringIO(), width=80)
    print_summary(console, [samples["good"].grade], Path("/out/[red]x"))
    assert "/out/[red]x/index.html" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_table_has_a_row_per_submission(samples: dict) -> None:
    assert grade_table([sample.grade for sample in samples.values()]).row_count == 6
