from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifier.models import Category
from classifier.scorers.openai import prompts
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.requests import RequestBuilder, encode, make_request, split_packs

PROMPTS = prompts.load()


def category(name):
    return Category(id=f"t/{name}", kind="t", title=name.title())


def request(*categories, canary=None):
    return make_request(encode("Text."), categories, canary=canary)


def features(refused=(), *, categories=10):
    builder = RequestBuilder(
        model="m", base_url="http://localhost/v1", prompts=PROMPTS, options=OpenAIOptions()
    )
    asked = request(*(category(f"c{n}") for n in range(categories)))
    return builder.features(asked, without=frozenset(refused))


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
