"""A canary that an article cannot know by name, and that looks like the categories beside it."""

from __future__ import annotations

from classifier.models import Category, Instructions
from classifier.scorers.openai import canaries, prompts


def category(name: str, **instructions: object) -> Category:
    return Category(
        id=f"tags/{name}",
        kind="tags",
        title=name,
        description=f"About {name}.",
        instructions=Instructions(**instructions),  # type: ignore[arg-type]
    )


def packs() -> list[tuple[Category, ...]]:
    return [(category(f"Topic {n}"), category(f"Other {n}")) for n in range(60)]


def test_the_same_categories_have_the_same_canary_and_others_another() -> None:
    titles = [canaries.drawn(pack).title for pack in packs()]
    assert titles == [canaries.drawn(pack).title for pack in packs()]
    assert len(set(titles)) > 50


def test_it_has_the_shape_and_the_opening_words_of_a_category_beside_it() -> None:
    beside = category("Bread", scope="Pages on bread.", topics=("a", "b"), exclusions=("x",))
    canary = canaries.drawn((beside,))
    assert canary.description
    assert canary.instructions.scope.startswith("Pages on the ")
    assert (len(canary.instructions.topics), len(canary.instructions.exclusions)) == (2, 1)
    bare = canaries.drawn((Category(id="t/a", kind="t", title="sour dough"),))
    assert (bare.description, bare.instructions) == ("", Instructions())
    assert not bare.title.istitle()


def test_the_prompt_shows_it_as_any_other() -> None:
    pack = (category("Bread", scope="Bread.", topics=("a",)),)
    text = prompts.load().system([*pack, canaries.drawn(pack)])
    first, second = text.partition("# The answer")[0].split("<category id=")[1:]
    shape = [line.split(":")[0] for line in first.splitlines()[1:] if ":" in line]
    assert [line.split(":")[0] for line in second.splitlines()[1:] if ":" in line] == shape


def test_no_title_has_a_word_that_an_article_is_likely_to_have() -> None:
    ordinary = {"about", "market", "water", "history", "river", "school", "house"}
    words = {word.lower() for pack in packs() for word in canaries.drawn(pack).title.split()}
    assert not words & ordinary


def test_an_article_knows_a_canary_by_a_word_of_its_title() -> None:
    canary = category("Orrin Vale Lamp Dues")
    assert canaries.is_known(canary, "All but ORRIN's.")
    assert not canaries.is_known(canary, "What is prevalent among lampposts is equivalent.")
    assert not canaries.is_known(category("A b"), "a b")
