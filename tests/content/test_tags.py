from __future__ import annotations

import pytest

from classifier.content.markdown import prose


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # HTML
        ("a <b class='x'>bold</b> word", "a bold word"),
        ("one<br>two<br/>three", "one two three"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("a <!-- no\n\n``` --> b", "a b"),
        ("a <!-- never closed", "a never closed"),
        ("a <script>if (a < b) {}</script> b", "a\nb"),
        ("<style>\np {}\n\nq {}\n</style>\nb", "b"),
        ("<pre><code>x < 1</code></pre>b", "b"),
        ("<svg viewBox='0 0 1 1'><text>no</text></svg>b", "b"),
        ("<img\n  src='x.png'\n  alt='y'>b", "b"),
        ("if a < b and c > d, x <3 y", "if a < b and c > d, x <3 y"),
        ("from {place} to {place}", "from {place} to {place}"),
        (
            "fish &amp; chips&nbsp;&#8211; &lt;b&gt; &nonsense;",
            "fish & chips \u2013 <b> &nonsense;",
        ),
        ("a \\<b c\\> d", "a <b c> d"),
        # hidden
        ('a <span style="color: red; display:none">no</span> b', "a\nb"),
        ("<div hidden>no <div>no</div> no</div>b", "b"),
        ('a <i class="x" aria-hidden="true">no</i> b', "a\nb"),
        ("<p style={{display: 'none'}}>no</p><p hidden={true}>no</p>b", "b"),
        ("a <template>no</template> b", "a\nb"),
        ("<p hidden>never closed\n\nb", "b"),
        ('<p class="hidden" title="a hidden b">a</p><p hidden={false}>b</p>', "a\nb"),
    ],
)
def test_tags_are_left_out_and_hidden_elements_whole(body: str, expected: str) -> None:
    assert prose(body).text == expected
