"""Text that students made, made safe to show: no control characters, no markup of theirs, no endless strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

LONGEST_TEXT = 20_000
MOST_MARKUP = 10  # times the text: a table of a few bytes may ask for thousands of empty cells

# ECMA-48: OSC, DCS and their kin up to their end; CSI with its parameters; every other escape of two or three bytes.
_TERMINAL_CODES = re.compile(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Joiners spell words in Persian and Hindi. All other invisible formatting can reorder or hide what a reader sees.
_KEPT_FORMATTING = "\u200c\u200d"
_BACKTICKED = re.compile(r"`([^`\n]{1,200})`")
_EMBEDDED_DATA = re.compile(r"(data:[\w.+/-]{1,60};base64,)[A-Za-z0-9+/=]{64,}")

_TEXT_TAGS = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "h4", "h5", "h6"}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
_SANITISER = nh3.Cleaner(tags=_TEXT_TAGS | _TABLE_TAGS, attributes={"ol": {"start"}})


def clean(text: str, limit: int = LONGEST_TEXT) -> str:
    """A student's string without terminal codes, control characters and direction overrides, at most `limit` long."""
    text = text[: 4 * limit]
    if text.replace("\n", "").replace("\t", "").isprintable():  # most text, in a tenth of the time
        return cut(text, limit)
    text = _TERMINAL_CODES.sub("", text)
    text = _LINE_ENDS.sub("\n", text)
    return cut("".join(map(_shown, text)), limit)


def one_line(text: str, limit: int = 200) -> str:
    """`clean`, with all white space as single spaces: for names, titles and table cells."""
    return cut(" ".join(clean(text, 4 * limit).split()), limit)


def code_words(text: str, limit: int = LONGEST_TEXT) -> Markup:
    """`clean`, escaped, with what stands between back-ticks set as code: for sentences of the grader's own."""
    plain = _BACKTICKED.split(clean(text, limit))
    return Markup().join(
        Markup("<code>{}</code>").format(part) if index % 2 else part for index, part in enumerate(plain)
    )


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis where it is longer than `limit`."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _shown(character: str) -> str:
    if character.isprintable() or character in "\n\t" or character in _KEPT_FORMATTING:
        return character
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return "\ufffd" if category == "Cs" else ""


def markdown(text: str, limit: int = LONGEST_TEXT) -> Markup:
    """A student's markdown as harmless HTML.

    CommonMark and tables. HTML stays text; links stay text, so that nothing on a page leads away from it; a picture
    becomes its description. nh3 checks the result against a short list of tags without attributes.
    """
    source = _EMBEDDED_DATA.sub(r"\1…", clean(text, limit))
    html = _COMMONMARK.render(source)
    if len(html) > MOST_MARKUP * limit:
        return Markup("<pre>{}</pre>").format(source)
    return Markup(_SANITISER.clean(html))  # noqa: S704


def _picture(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    return f"<em>[picture: {Markup.escape(tokens[index].content or 'no description')}]</em>"


def _below_our_headings(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, _: EnvType
) -> str:
    # The page's own headings go down to h3; a student's "# Answer" must not stand above them in the outline.
    token = tokens[index]
    token.tag = f"h{min(6, int(token.tag[1]) + 3)}"
    return renderer.renderToken(tokens, index, options, _)


def _commonmark() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable(["link", "autolink", "reference", "html_block", "html_inline"])
    parser.add_render_rule("image", _picture)
    parser.add_render_rule("heading_open", _below_our_headings)
    parser.add_render_rule("heading_close", _below_our_headings)
    return parser


_COMMONMARK = _commonmark()
