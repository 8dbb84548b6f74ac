from __future__ import annotations

import pytest

from classifier.content.markdown import prose


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # templates
        ('a {{< figure src="x.png" >}} b {{% note %}}kept{{% /note %}}', "a b kept"),
        ("a {{< highlight go >}}code{{< /highlight >}} b", "a\nb"),
        ("a {{< gist user 123 >}} b", "a\nb"),
        ("{% if x %}kept{% endif %} {{ page.title }} b", "kept b"),
        ("a\n{% highlight ruby %}\nputs 1\n{% endhighlight %}\nb", "a\nb"),
        ("{% raw %}kept{% endraw %}", "kept"),
        # MDX, Docusaurus, Obsidian
        ("import Tabs from '@theme/Tabs';\nimport {\n  A,\n} from 'b'\n\na", "a"),
        ("export const x = {\n  a: 1,\n};\n\na", "a"),
        ("import duties from overseas rose.", "import duties from overseas rose."),
        ("<Tabs values={[{a: '>'}]} on={() => go()}>\n\nkept\n\n</Tabs>", "kept"),
        ("<Card icon={<Star />}>kept</Card>", "kept"),
        ("a {/* no */} b <>c</>", "a b c"),
        (":::tip[Good to know]\nkept\n:::\nb", "Good to know\nkept\nb"),
        ('!!! warning "Mind"\n    kept', '"Mind"\nkept'),
        ("!!! note\n\n    a\n\n    ```\n    x\n    ```\n\n    b\n\nc", "a\nb\nc"),
        ('=== "Tab"\n\n    a\n\n        x = 1', "Tab\na"),
        ("[[Page]] and [[Page|alias]] ![[embed.png]]", "Page and alias"),
        ("a %%hidden%% b\n\n%%\nhidden\n%%\nc, 5%% and 6%% more", "a b\nc, 5%% and 6%% more"),
        ("> [!note] Mind\n> the gap", "Mind the gap"),
    ],
)
def test_what_a_site_generator_replaces_is_left_out(body: str, expected: str) -> None:
    assert prose(body).text == expected
