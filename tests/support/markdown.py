"""Markdown to test with, well formed or not."""

from __future__ import annotations

from hypothesis import strategies as st

# Markup in every combination, well formed or not.
pieces = st.sampled_from(
    [
        *"<>[](){}*_~=`#|!&%\\\"':;.-+ \t\n\r",
        *("word", "Zwei Wörter", "a1", "é", "漢字", "\x00", "\x93", "&amp;", "&#65;", "http://x"),
        *("\n\n", "```", "~~~\n", "# ", "- ", "> ", "\n---\n", "\n===\n", ":::", "%%", "[[", "]]"),
        *("<!--", "-->", "<pre>", "</pre>", "<b>", "</b>", "<Tab x={1}>", "{/*", "*/}", "](u)"),
        *("{{<", ">}}", "{%", "%}", "[^1]", "[a]: b\n", "| a | b |\n", "|---|---|\n"),
        *("    ", "\n\n    ", "\n> ", "1. ", "<div>", "<i hidden>", "</i>", "</div>", "!!! a\n"),
    ]
)
bodies = st.lists(pieces, max_size=40).map("".join) | st.text()
words = st.text("abcdefgh", min_size=1, max_size=12)
paragraphs = st.lists(words, min_size=1, max_size=60).map(" ".join)
plain = st.lists(paragraphs | paragraphs.map("## {}".format), max_size=12).map("\n\n".join)
