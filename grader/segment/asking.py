"""Whether a sentence asks or tells: what stands on the line of its number may be the question or the answer."""

from __future__ import annotations

import re

# Fewer words may be a title.
MIN_WORDS = 6
MAX_TEXT = 2_000
# How a question begins that has no question mark.
ASKS = re.compile(
    r"\W*(?:please |briefly |now )*(?:what|how|why|which|when|explain|describe|discuss|compare|contrast|define"
    r"|implement|use|using|write|train|build|create|design|list|give|state|show|plot|perform|develop|you|your|imagine|suppose"
    r"|provide|outline|illustrate|evaluate|analy[sz]e|differentiate|elaborate|demonstrate|visuali[sz]e|load|print"
    r"|summari[sz]e|mention|name|draw|apply|add|take|make|consider|in your|with your|the role|role of)\b",
    re.IGNORECASE,
)
# What a sentence that tells something has, and a title has not.
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|does|do|will|means?|gives?|uses?|used|makes?|takes?|keeps?|adds?|reduces?"
    r"|shows?|helps?|learns?|detects?|extracts?|moves?|slides?|picks?|works?|allows?|contains?|consists?|becomes?"
    r"|hai|hain|hota|hoti|karta|karte)\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether a text begins like a question or a task."""
    return ASKS.match(text) is not None


def tells(text: str) -> bool:
    """Whether a text is a sentence long enough to answer something, and no question."""
    text = text[:MAX_TEXT]
    return len(text.split()) >= MIN_WORDS and "?" not in text and not asks(text) and VERB.search(text) is not None
