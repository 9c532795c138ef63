from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.ingest.webpage import read_webpage
from grader.records import Cell

LAB = """<html><head><title>t</title><style>x</style></head><body class="jp-Notebook"><main>
<div class="jp-Cell jp-MarkdownCell jp-Notebook-cell"><div class="jp-InputPrompt"></div>
<div class="jp-RenderedHTMLCommon jp-RenderedMarkdown jp-MarkdownOutput"><h2 id="q">Question 1: What?<a
class="anchor-link" href="#q">&#182;</a></h2><p><strong>Answer:</strong> A network with
<em>convolutions</em>.</p><ol start="3"><li>one</li><li>two</li></ol><ul><li>dot</li></ul>
<div class="highlight"><pre><span class="kn">import</span> torch
x = 1</pre></div><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></div></div>
<div class="jp-Cell jp-CodeCell jp-Notebook-cell"><div class="jp-InputPrompt jp-InputArea-prompt">In&nbsp;[12]:</div>
<div class="jp-Editor jp-InputArea-editor"><div class="highlight hl-ipython3"><pre><span></span><span>for</span> i in y:
    print(i &lt; 2)
</pre></div></div><div class="jp-OutputArea jp-Cell-outputArea"><div class="jp-OutputArea-output"><pre>True
acc: 0.98</pre></div><div class="jp-RenderedImage jp-OutputArea-output"><img src="data:image/png;base64,AAAA
BBBB"></div></div></div>
<div class="jp-Cell jp-RawCell"><div class="jp-Editor jp-InputArea-editor"><pre>raw text</pre></div></div>
</main></body></html>"""

CLASSIC = """<body><div id="notebook">
<div class="cell border-box-sizing text_cell rendered"><div class="prompt input_prompt"></div><div class="inner_cell">
<div class="text_cell_render border-box-sizing rendered_html"><h3>Que 2.</h3><p>Text</p></div></div></div>
<div class="cell border-box-sizing code_cell rendered"><div class="input">
<div class="prompt input_prompt">In&nbsp;[3]:</div>
<div class="inner_cell"><div class="input_area"><div class=" highlight hl-ipython3"><pre><span></span>x = 1
x</pre></div></div></div></div><div class="output_wrapper"><div class="output"><div class="output_area">
<div class="prompt output_prompt">Out[3]:</div><div class="output_text output_subarea"><pre>1</pre></div></div></div>
</div></div></div></body>"""


def read(tmp_path: Path, text: str) -> tuple[Cell, ...]:
    (tmp_path / "hw.html").write_text(text)
    return read_webpage(tmp_path / "hw.html", "hw.html")[0]


def test_an_export_in_the_template_lab(tmp_path: Path) -> None:
    text, code, raw = read(tmp_path, LAB)
    assert text.kind == "markdown"
    assert text.source.startswith("## Question 1: What?\n\n**Answer:**  A network with convolutions.")
    assert [line for line in text.source.split("\n") if line[:2] in ("3.", "4.", "- ")] == ["3. one", "4. two", "- dot"]
    assert "```\nimport torch\nx = 1\n```" in text.source
    assert "1 | 2" in text.source
    assert (code.kind, code.source) == ("code", "for i in y:\n    print(i < 2)")
    assert (code.execution_count, code.saved_text, code.pictures) == (12, "True\nacc: 0.98", 1)
    assert (raw.kind, raw.source) == ("raw", "raw text")


def test_an_export_in_the_template_classic(tmp_path: Path) -> None:
    text, code = read(tmp_path, CLASSIC)
    assert (text.kind, text.source) == ("markdown", "### Que 2.\n\nText")
    assert (code.source, code.execution_count, code.saved_text) == ("x = 1\nx", 3, "1")


def test_any_other_page_is_read_by_its_pre_elements(tmp_path: Path) -> None:
    page = """<body><nav>menu</nav><h1>Homework</h1><p>Question 6</p><pre><code class="language-python">x = 1
y = 2</code></pre><p>It   printed</p><pre>loss -> 0.3</pre><script>evil()</script><!-- note --></body>"""
    assert [(c.kind, c.source) for c in read(tmp_path, page)] == [
        ("markdown", "# Homework"),
        ("markdown", "Question 6"),
        ("code", "x = 1\ny = 2"),
        ("markdown", "It printed"),
        ("markdown", "loss -> 0.3"),
    ]


def test_embedded_pictures_do_not_count_as_size(tmp_path: Path) -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 20_000_000}">'
    assert read(tmp_path, f"<body><p>text</p>{picture}</body>")[0].source == "text"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<div class='jp-Cell'>", "<div class='cell code_cell'>", "<pre>", "</pre>", "<li>", "<ol>",
             "</div>", "<b>", "text", "x = 1\n", "<!--", "<![CDATA[", "\x00", "<td>", "<body>",
             "</html>", "&lt;", "\x003\x00"]
        ),
        max_size=40,
    )
)  # fmt: skip
def test_any_markup_is_read_or_refused(tmp_path_factory: Any, parts: list[str]) -> None:
    try:
        assert isinstance(read(tmp_path_factory.mktemp("page"), "".join(parts)), tuple)
    except SubmissionError:
        return


def test_deep_and_long_pages_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "<div>" * 20_000 + "deep") is not None
    assert len(read(tmp_path, "<ol>" + "<li>item" * 20_000)) > 0
    assert len(read(tmp_path, "<pre>x = 1</pre>" * 5_000)) == 4_000
