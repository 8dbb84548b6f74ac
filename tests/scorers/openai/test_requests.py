from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from classifier.models import Article, Category, Task
from classifier.scorers.openai import prompts
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.requests import RequestBuilder, encode, make_request, split_packs

PROMPTS = prompts.load()


def category(name):
    return Category(id=f"t/{name}", kind="t", title=name.title())


def request(*categories, canary=None):
    return make_request(encode("Text."), categories, canary=canary)


def features(refused=(), *, categories=10):
    asked = request(*(category(f"c{n}") for n in range(categories)))
    return builder().features(asked, without=frozenset(refused))


def test_the_canarys_place_is_stable_and_not_always_the_same():
    places = set()
    for n in range(20):
        pack = [category(f"c{n}-{i}") for i in range(5)]
        made = [request(*pack, canary=PROMPTS.canary) for _ in range(2)]
        assert made[0].categories == made[1].categories
        assert made[0].targets == tuple(pack)
        places.add(made[0].categories.index(PROMPTS.canary))
    assert len(places) > 2


@given(st.integers(0, 60), st.integers(1, 20))
def test_packs_hold_every_category_once_none_too_large_and_all_alike(count, size):
    everything = [category(f"c{n:02}") for n in range(count)]
    made = split_packs(everything[::-1], size)
    assert [c for pack in made for c in pack] == everything
    assert len(made) == -(-count // size)
    sizes = {len(pack) for pack in made}
    assert max(sizes, default=0) <= size
    assert max(sizes, default=0) - min(sizes, default=0) <= 1


def test_room_for_the_answer_grows_with_the_pack():
    small, large = (features(categories=n).parameters["max_completion_tokens"] for n in (1, 10))
    assert large - small == 9 * 700


def test_refusals_end():
    refused = set()
    while names := features(refused).names:
        refused |= {max(names)}
    assert refused == {
        "json_schema",
        "json_object",
        "maxitems",
        "temperature",
        "max_completion_tokens",
        "max_tokens",
    }


def builder(prompts=PROMPTS, **options):
    return RequestBuilder(
        model="m",
        base_url="http://localhost/v1",
        prompts=prompts,
        options=OpenAIOptions(**options),
    )


texts = st.text(st.characters(codec="utf-32"), max_size=60)  # halves of surrogate pairs, too


@given(texts, texts, texts, st.booleans(), st.sampled_from([(), ("json_schema",)]))
def test_a_body_is_json_whatever_article_and_category_say(title, body, name, canary, refused):
    made = builder(canary=canary, pack=1)
    article = Article(id="a.md", title=title, body=body)
    (asked,) = made.build(Task(article, (Category(id="t/x", kind="t", title=name),)))
    features = made.features(asked, without=frozenset(refused))
    sent = made.body(asked, features)
    decoded = json.loads(sent)
    assert [message["role"] for message in decoded["messages"]] == ["system", "user"]
    assert set(features.parameters) < set(decoded)
    assert sent == made.body(asked, features)


def test_an_article_is_rendered_once_for_its_estimate_and_its_calls(monkeypatch):
    made, rendered = builder(pack=2), []
    original = prompts.Prompts.article

    def article(self, article, *, text):
        rendered.append(article.id)
        return original(self, article, text=text)

    monkeypatch.setattr(prompts.Prompts, "article", article)
    tasks = [
        Task(Article(id=f"{n}.md", body=f"Text {n}."), tuple(category(f"c{i}") for i in range(5)))
        for n in range(3)
    ]
    for _ in range(2):
        for task in tasks:
            assert len(made.build(task)) == 3
    assert rendered == ["0.md", "1.md", "2.md"]


def test_a_marked_prefix_is_the_whole_system_message():
    made = builder(cache_key=True)
    made = RequestBuilder(
        model="gpt-6", base_url=made.base_url, prompts=PROMPTS, options=made.options
    )
    (asked,) = made.build(Task(Article(id="a.md", body="Text."), (category("bread"),)))
    plain = json.loads(made.body(asked, made.features(asked)))["messages"][0]["content"]
    marked = json.loads(made.body(asked, made.features(asked, prefix_seen=True)))
    (part,) = marked["messages"][0]["content"]
    assert part == {
        "type": "text",
        "text": plain,
        "prompt_cache_breakpoint": {"mode": "explicit"},
    }
