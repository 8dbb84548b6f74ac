from __future__ import annotations

import pytest
from jinja2 import TemplateError

from classifier.scorers.openai.sandbox import BoundedEnvironment


def render(template, **variables):
    return BoundedEnvironment({"a": template}).render("a", variables)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{% for c in items %}{{ loop.index }}/{{ loop.length }} {{ c }};{% endfor %}",
            "1/2 x;2/2 y;",
        ),
        ("{{ items | join(', ') }}", "x, y"),
        ("{{ items | map('upper') | join }}", "XY"),
        ("{{ text | replace('b', 'cc') | trim | upper }}", "ACC"),
        ("{{ text ~ (1 + 2) }} {{ 'p' + text }}", "ab3 pab"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(text) }}", "<ab>"),
        ("{% for i in range(3) %}{{ i * 2 }}{% endfor %}", "024"),
        ("{% for k, v in [(1, 2)] %}{{ k }}{{ v }}{% endfor %}", "12"),
        ("{{ text.upper() }} {{ {'a': 1}['a'] }} {{ 7 % 4 }}", "AB 1 3"),
        ("{{ 'a\n b' | indent(2) }}", "a\n   b"),
        ("{% if text is defined and not items[2:] %}yes{% endif %}", "yes"),
    ],
)
def test_an_ordinary_template_is_rendered_as_ever(template, expected):
    assert render(template, text="ab", items=["x", "y"]) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(999999999) %}{% endfor %}",
        "{% for i in range(99999) %}{{ text * 1000 }}{% endfor %}",
        "{{ 'a' * 3000000000 }}",
        "{{ [0] * 3000000000 }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{% include 'a' %}",
        "{% include 'a' %}{% include 'a' %}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for i in [1] recursive %}{{ loop([1, 2]) }}{{ loop([1]) }}{% endfor %}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%(a)s' % {} }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ text.ljust(1000000000) }}",
        "{{ text.zfill(1000000000) }}",
        "{{ text | center(1000000000) }}",
        "{{ [1] | batch(1000000000, 'x') | list }}",
        "{{ lipsum(n=100000) }}",
        "{{ text.encode('nocodec') }}",
        "{{ text | tojson(indent=1000000000) }}",
        "{{ 1 / 0 }}",
        "{{ text.nothing.at.all }}",
        "{% set x = text %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}",
        "{% set x = text %}" + "{% set x = x + x %}" * 60 + "{{ x }}",
        "{% set x = [1] %}" + "{% set x = [x, x] %}" * 60 + "{{ x }}",
        "{% set x = [1] %}" + "{% set x = {'a': x, 'b': x} %}" * 60 + "{{ x }}",
        "{% set x = text %}" + "{% set x = x | replace('a', x) %}" * 60 + "{{ x }}",
        "{% set x = text %}" + "{% set x = [x, x] | join(x) %}" * 60 + "{{ x }}",
        "{% set x %}" + "y" * 1000 + "{% endset %}{% for i in range(90000) %}{{ x }}{% endfor %}",
        "{% for i in range(90000) %}" + "y" * 1000 + "{% endfor %}",
    ],
    ids=range(30),
)
def test_a_template_without_end_ends_in_one_line(template):
    with pytest.raises(TemplateError) as error:
        render(template, text="ab")
    assert len(str(error.value)) < 400


def test_the_bound_grows_with_what_is_rendered():
    text = "x" * 6_000_000
    assert len(render("{{ text }}{{ text }}", text=text)) == 12_000_000


def test_a_rendering_leaves_nothing_to_the_next():
    environment = BoundedEnvironment({"a": "{% for i in range(60000) %}{% endfor %}ok"})
    assert [environment.render("a", {}) for _ in range(3)] == ["ok"] * 3
