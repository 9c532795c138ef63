"""The pages in a real Chromium: nothing runs, nothing is asked for, nothing runs over the edge."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from grader.records import FigureShown
from grader.report import write_class, write_submission

pytestmark = pytest.mark.browser

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]
PAGES = ["amara-okafor", "ben-carter", "cleo-marsh", "student-problem", "operator-problem", "mallory"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and not os.environ.get("CI"):  # CI installs it, and must not pass without
        pytest.skip("there is no Chromium on this machine: 'apt install chromium' brings it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(samples: dict, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The output folder on a local server, and the list of all paths that were asked for."""
    folder = tmp_path_factory.mktemp("site")
    for sample in samples.values():
        write_submission(sample.grade, sample.trace, sample.blobs, folder / "feedback")
    write_class([sample.grade for sample in samples.values()], folder)
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_hostile_pages_run_nothing_and_ask_for_nothing(chromium: Any, site: tuple[str, list[str]]) -> None:
    address, asked = site
    for path in ("/feedback/mallory.html", "/index.html"):
        asked.clear()
        page = chromium.new_page()
        requests: list[str] = []
        trouble: list[str] = []
        page.on("request", lambda request, seen=requests: seen.append(request.url))
        page.on("dialog", lambda dialog, seen=trouble: (seen.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message, seen=trouble: seen.append(message.text))
        page.on("pageerror", lambda error, seen=trouble: seen.append(str(error)))
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.wait_for_timeout(200)
        assert page.title().startswith(("Red <script>", "CNN architectures"))
        assert [url for url in requests if not url.startswith("data:")] == [address + path]
        assert asked == [path]
        assert trouble == []
        assert page.locator("script").count() == (1 if path == "/index.html" else 0)
        assert page.locator("iframe, object, [onerror], [onload]").count() == 0
        page.close()


def test_a_script_that_got_in_would_not_run(chromium: Any, site: tuple[str, list[str]], tmp_path: Path) -> None:
    """The policy is the second wall: here the first one is broken on purpose."""
    address, asked = site
    original = chromium.new_page()
    original.goto(f"{address}/feedback/mallory.html")
    text = original.content()
    original.close()
    attack = (
        "<script>document.title='HACKED'</script><img src=x onerror=\"document.title='HACKED'\">"
        f"<img src='{address}/pixel.png'><link rel=stylesheet href='{address}/a.css'>"
        f"<iframe src='{address}/frame'></iframe><style>body{{background:url({address}/b)}}</style>"
    )
    broken = tmp_path / "broken.html"
    broken.write_text(text.replace('<main id="main"', attack + '<main id="main"'))
    asked.clear()
    page = chromium.new_page()
    page.goto(broken.as_uri())
    page.wait_for_timeout(300)
    assert page.title() != "HACKED"
    assert asked == []
    page.close()


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_a_desk(chromium: Any, site: tuple[str, list[str]], width: int, scheme: str) -> None:
    address, _ = site
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    for path in (*(f"/feedback/{name}.html" for name in PAGES), "/index.html"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(245, 244, 240)" if scheme == "light" else "rgb(18, 20, 25)"
        )
    context.close()


CONTRASTS = """() => {
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const luminance = c => { const [r, g, b] = c.map(v => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b };
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > .99) return c.slice(0, 3) } return [255, 255, 255] };
  return [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => { const a = luminance(parse(getComputedStyle(e).color).slice(0, 3)), b = luminance(behind(e));
      return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.className, e.textContent.slice(0, 40)] })
    .filter(([ratio]) => ratio < 4.5) }"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_of_wcag_aa(chromium: Any, site: tuple[str, list[str]], scheme: str) -> None:
    address, _ = site
    page = chromium.new_context(color_scheme=scheme).new_page()
    for path in ("/feedback/ben-carter.html", "/feedback/student-problem.html", "/index.html"):
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate(CONTRASTS) == [], path
    page.context.close()


def test_a_class_page_leads_to_the_question_by_keyboard(chromium: Any, site: tuple[str, list[str]]) -> None:
    address, _ = site
    page = chromium.new_page()
    page.goto(f"{address}/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("a[href='./feedback/ben-carter.html#question-q6']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/feedback/ben-carter.html#question-q6")
    assert page.locator("#question-q6").is_visible()
    page.close()


def test_pictures_are_drawn(chromium: Any, site: tuple[str, list[str]]) -> None:
    address, _ = site
    page = chromium.new_page()
    page.goto(f"{address}/feedback/amara-okafor.html")
    assert page.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth])") == [[True, 640]]
    page.close()


Attacker = Callable[[str], Any]  # a graded hand-in of which every string is this attack
ATTACKS = {
    "script": "<script>document.title='HACKED'</script>",
    "end of a style": "</style><script>document.title='HACKED'</script>",
    "end of a title": "</title><script>document.title='HACKED'</script>",
    "end of a comment": "--><script>document.title='HACKED'</script><!--",
    "end of a text area": "</textarea></pre></code><img src=x onerror=document.title='HACKED'>",
    "attribute, double": "\" autofocus onfocus=document.title='HACKED' x=\"",
    "attribute, single": "' onmouseover='document.title=1",
    "attribute, back-tick": "``onmouseover=alert(1)",
    "in back-ticks": "`<img src=x onerror=alert(1)>`",
    "svg": "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "svg with a style": "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "mathml": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "template": "<template><script>alert(1)</script></template><details open ontoggle=alert(1)>",
    "frame": "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe>",
    "data: page": "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "data: link": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "data: picture": "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "script link": "[x](javascript:alert(1)) <javascript:alert(1)> [x](&#106;avascript:alert(1))",
    "script link in a picture": "[![x](x)](javascript:alert(1))",
    "reference": '[x]\n\n[x]: javascript:alert(1) "\' onclick=alert(1)"',
    "table": "|<b onclick=alert(1)>a|\n|:-:|\n|<img src=x onerror=alert(1)>|",
    "fence": "```html onclick=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "style": "<style>@import 'https://evil.example/a.css'; body{background:url(https://evil.example/b)}</style>",
    "style in an attribute": '<p style="background:url(https://evil.example/c)">',
    "url of a style": "}body{background:url(https://evil.example/d)}",
    "moved": "<meta http-equiv=refresh content='0;url=https://evil.example/'><base href=https://evil.example/>",
    "form": "<form action=https://evil.example/><button autofocus>x</button></form>",
    "link": "<link rel=stylesheet href=https://evil.example/e><link rel=prefetch href=https://evil.example/f>",
    "jinja": "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}{{ cycler.__init__ }}",
    "format": "{0.__class__} {name} %s %(x)s ${x}",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
    "nul": "<scr\x00ipt>alert(1)</scr\x00ipt><img src=x one\x0brror=alert(1)>",
    "other spaces": "<img\x0csrc=x\u2028onerror=alert(1)>",
    "full width": "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "utf-7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "colours": "\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07\x1b[31m<script>alert(1)</script>",
    "turned around": "\u202e>tpircs/<)1(trela>tpircs<\u202c",
    "many": "<b>" * 400 + "<script>alert(1)</script>",
}


@pytest.mark.parametrize("policy", ["with the policy", "without the policy"])
def test_no_attack_gets_into_a_page(chromium: Any, attacker: Attacker, tmp_path: Path, policy: str) -> None:
    """The first wall alone: the policy would stop what got in, and would say so on the console."""
    page = chromium.new_page()
    trouble: list[str] = []
    page.on("request", lambda request: trouble.append(request.url) if "evil" in request.url else None)
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    for path in attacked(attacker, tmp_path):
        if policy == "without the policy":
            path.write_text(path.read_text().replace("http-equiv", "data-off", 1))
        page.goto(path.as_uri())
        page.evaluate(
            "document.querySelectorAll('*').forEach(e => { if (e.tagName === 'DETAILS') e.open = true; "
            "e.focus?.(); e.dispatchEvent(new Event('mouseover')) })"
        )
        assert trouble == [], path.name
        assert page.title() != "HACKED", path.name
        assert page.url == path.as_uri()
        assert page.locator("iframe, object, form, base, link[href*=evil], [onclick], [onerror]").count() == 0, (
            path.name
        )
        assert "49" not in page.title()
    assert page.locator("table.sortable tbody tr").count() == len(ATTACKS)  # the class: nothing swallowed the rest
    page.close()


def attacked(attacker: Attacker, folder: Path) -> list[Path]:
    """A page of each attack in name, title and message; one with all of them as questions; the class at last."""
    pages, grades = [], []
    for number, attack in enumerate(ATTACKS.values()):
        sample = attacker(attack)
        grades.append(replace(sample.grade, submission=f"s{number}"))
        alone = replace(grades[-1], title=attack, problem=attack, fault="student", questions=())
        pages.append(write_submission(alone, sample.trace, sample.blobs, folder))
    questions = tuple(replace(grade.questions[0], id=f"q{n}") for n, grade in enumerate(grades))
    pages.append(write_submission(replace(grades[0], submission="all", questions=questions), None, {}, folder))
    return [*pages, write_class(grades, folder)[0]]


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1200)])
def test_axe_finds_nothing(chromium: Any, site: tuple[str, list[str]], scheme: str, width: int) -> None:
    """What keyboard and screen reader would stumble over, by the rules of WCAG 2 and good practice."""
    from axe_playwright_python.sync_playwright import Axe

    address, _ = site
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in (*(f"/feedback/{name}.html" for name in PAGES if name != "operator-problem"), "/index.html"):
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in found] == [], path
    context.close()


def test_the_class_is_sorted_by_a_click_or_a_key(chromium: Any, site: tuple[str, list[str]]) -> None:
    address, _ = site
    page = chromium.new_page()
    page.goto(f"{address}/index.html")

    def points() -> list[str]:
        return page.locator("table.sortable tbody tr td:nth-child(2)").all_inner_texts()

    head = page.locator("table.sortable thead th").nth(1)
    head.get_by_role("button", name="Points").click()
    up = points()
    assert head.get_attribute("aria-sort") == "ascending"
    assert up[-2:] == ["–", "–"]  # without a grade
    assert [float(p.split("/")[0]) for p in up[:-2]] == sorted(float(p.split("/")[0]) for p in up[:-2])
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert points() == [*up[:-2][::-1], "–", "–"]
    page.get_by_role("button", name="Student").click()
    names = page.locator("table.sortable .student").all_inner_texts()
    assert names[:2] == ["Amara Okafor", "Ben Carter"]
    assert page.locator("[aria-sort]").count() == 1
    page.close()


def test_a_page_prints_whole(chromium: Any, site: tuple[str, list[str]], tmp_path: Path) -> None:
    import pdfplumber

    address, _ = site
    page = chromium.new_page()
    page.goto(f"{address}/feedback/ben-carter.html")
    page.pdf(path=tmp_path / "page.pdf", format="A4", prefer_css_page_size=True)
    page.close()
    with pdfplumber.open(tmp_path / "page.pdf") as pdf:
        text = " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
        words = [word for sheet in pdf.pages for word in sheet.extract_words()]
        right, sheets = max(word["x1"] for word in words), len(pdf.pages)
    assert "Fix this first" in text
    assert "loss = criterion(model(images), labels)" in text
    assert "Convolutional networks slide small filters" in text  # what is folded on a screen
    assert "Skip to the content" not in text
    assert right < 595 - 40  # points: A4 without its margin
    assert sheets < 12


@pytest.mark.data
def test_thirty_questions_with_sixty_figures_stay_under_5_mb(chromium: Any, samples: dict, tmp_path: Path) -> None:
    """Real figures as the probe draws them: curves, and grids of filters, which PNG can hardly make smaller."""
    drawn = figures()
    assert sum(map(len, drawn)) * 30 > 4_500_000
    q8 = samples["partial"].grade.questions[7]
    questions, blobs = [], {}
    for number in range(30):
        names = [f"{number}-{i}.png" for i in range(2)]
        blobs |= {name: drawn[(2 * number + i) % len(drawn)] for i, name in enumerate(names)}
        verdict = replace(q8.criteria[1].verdict, exhibits=tuple(map(FigureShown, names)))
        questions.append(
            replace(q8, id=f"q{number}", criteria=(q8.criteria[0], replace(q8.criteria[1], verdict=verdict)))
        )
    grade = replace(samples["partial"].grade, questions=tuple(questions))
    path = write_submission(grade, samples["partial"].trace, blobs, tmp_path)
    assert path.stat().st_size < 5_000_000
    page = chromium.new_page()
    page.goto(path.as_uri())
    widths = page.evaluate("[...document.images].map(i => i.naturalWidth)")
    assert len(widths) == 60
    assert min(widths) >= 640
    assert page.get_by_text("made smaller for this page").count() in range(10, 31)  # grids: curves stay as they are
    page.close()


def figures() -> list[bytes]:
    """A plot of curves and a grid of 64 filters."""
    import matplotlib as mpl
    import numpy as np

    mpl.use("agg")
    import matplotlib.pyplot as plt

    from grader.probe.figures import _draw, _small

    random = np.random.default_rng(0)
    curves, axes = plt.subplots(figsize=(8, 5))
    axes.plot(random.random((20, 4)).cumsum(0))
    axes.legend(["a", "b", "c", "d"])
    grid, cells = plt.subplots(8, 8, figsize=(10, 10))
    for cell in cells.flat:
        cell.imshow(random.random((11, 11, 3)), interpolation="bilinear")
        cell.axis("off")
    drawn = [_small(_draw(curves)), _small(_draw(grid))]
    plt.close("all")
    return drawn
