from html.parser import HTMLParser

import pytest

from grader.report.clean import MOST_MARKUP, clean, code_words, cut, markdown, one_line


class Tags(HTMLParser):
    """All tags and attributes of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x1b]never ends", "never ends"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("\u2066a\u2069\u200eb\ufeff", "ab"),
        ("a\x00b\x07c\x7fd", "abcd"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\ud800", "\ufffd"),
        ("a\xa0b\tc", "a b\tc"),
        ("می\u200cخواهم नमस्ते 日本 é", "می\u200cخواهم नमस्ते 日本 é"),
    ],
)
def test_what_can_steer_a_terminal_or_turn_text_around_is_gone(dirty: str, expected: str) -> None:
    assert clean(dirty) == expected


def test_a_long_text_is_cut_and_says_so() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert len(clean("x" * 100_000)) == 20_000
    assert one_line(" a\n\n b\t c ", 4) == "a b…"


def test_markdown_of_an_answer_becomes_html() -> None:
    html = markdown("# Answer\n\n**bold** `x<y`\n\n3. third\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<h4>Answer</h4>" in html
    assert "<strong>bold</strong> <code>x&lt;y</code>" in html
    assert '<ol start="3">' in html
    assert "<td>2</td>" in html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "[click](javascript:alert(1))",
        "[click](https://evil.example)",
        "<https://evil.example>",
        "https://evil.example",
        "![pixel](https://evil.example/p.png)",
        "![p][r]\n\n[r]: https://evil.example/p.png",
        "[r]\n\n[r]: javascript:alert(1)",
        "<svg/onload=alert(1)>",
        "```html\n<iframe src=//evil.example></iframe>\n```",
        '```"><img src=x onerror=alert(1)>\ncode\n```',
        "<style>*{background:url(//evil.example)}</style>",
        "|a|\n|:-:|\n|<b onclick=alert(1)>|",
        '![" onerror="alert(1)](x)',
    ],
)
def test_no_link_picture_or_markup_of_a_students_gets_through(attack: str) -> None:
    tags = Tags(markdown(attack))
    assert tags.found <= {"p", "pre", "code", "em", "table", "thead", "tbody", "tr", "th", "td"}
    assert tags.attributes == set()


def test_a_picture_becomes_its_description() -> None:
    assert "[picture: my curve]" in markdown("![my curve](attachment:curve.png)")


def test_embedded_pictures_do_not_fill_an_answer() -> None:
    html = markdown(f"before data:image/png;base64,{'A' * 5000} after")
    assert "after" in html
    assert len(html) < 200


def test_a_table_bomb_stays_text() -> None:
    bomb = "|a" * 200 + "\n" + "|-" * 200 + "\n" + "|b\n" * 6000
    html = markdown(bomb)
    assert len(html) < MOST_MARKUP * 20_000
    assert html.startswith("<pre>|a|a")


def test_words_between_back_ticks_are_code_and_escaped() -> None:
    assert code_words("lost at `view(-1)` & `<b>`") == "lost at <code>view(-1)</code> &amp; <code>&lt;b&gt;</code>"
    assert code_words("one ` alone <i>") == "one ` alone &lt;i&gt;"
