"""Every command of the guides, run in a small site of the kind that the guide is about.

With the keyword scorer in place of the embedded one, so that it takes seconds; what the guides show
of the output holds for both.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from support.chat_server import ChatServer
from support.guides import Command, Write, steps
from support.keyword_scorer import KeywordScorer
from support.repository import git

from classifier import Project, composition, settings
from classifier.cli import main
from classifier.scorers.base import Scorer
from classifier.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
VERBS = "classifier.project.verbs."
GUIDES = sorted((DOCS / "guides").glob("*.md"))
TOPICS = {
    "baking": "baking bread with a sourdough starter: baking needs a hot oven, and baking patience",
    "cycling": "cycling along a river by bicycle: cycling tours, and cycling with a new chain",
}
LOAF = f"On Sunday I tried {TOPICS['baking']}. The crust and the crumb came out well."


# --- sites ---------------------------------------------------------------------------------------


def posts(name: str, front_matter: Callable[[str, str], str]) -> dict[str, str]:
    """Articles with labels, twelve of each topic; `name` has a place for a number."""
    made = {}
    for number in range(24):
        topic = list(TOPICS)[number % 2]
        text = f"Day {number} was for {TOPICS[topic]}. More about that on day {number + 2}.\n"
        title = f"{topic.title()}, day {number}"
        made[name.format(number)] = front_matter(title, topic) + "\n" + text
    return made


def definition(name: str) -> str:
    return f"---\ntitle: {name.title()}\ndescription: Tours by bicycle, and repairing one.\n---\n"


def hugo() -> dict[str, str]:
    def meta(title: str, topic: str) -> str:
        return f'+++\ntitle = "{title}"\ntags = ["{topic.title()}"]\n+++\n'

    return posts("content/posts/day-{}.md", meta) | {
        "content/posts/_index.md": "---\ntitle: Posts\n---\nAll of them.\n",
        "content/tags/cycling/_index.md": definition("cycling"),
        "content/posts/first-loaf/index.md": f'+++\ntitle = "My first loaf"\n+++\n\n{LOAF}\n',
    }


def jekyll() -> dict[str, str]:
    def meta(title: str, topic: str) -> str:
        return f"---\nlayout: post\ntitle: {title!r}\ntags: [diary, {topic}]\n---\n"

    return posts("_posts/2025-02-03-day-{}.md", meta) | {
        "_taxonomy/tags/cycling.md": definition("cycling"),
        "_posts/2026-03-01-first-loaf.md": (
            f"---\nlayout: post\ntitle: My first loaf\ntags: diary weekend\n---\n\n{LOAF}\n"
        ),
    }


def eleventy() -> dict[str, str]:
    def meta(title: str, topic: str) -> str:
        return f"---\ntitle: {title!r}\ntags:\n  - diary\n  - {topic}\n---\n"

    return posts("posts/day-{}.md", meta) | {
        "taxonomy/tags/cycling.md": definition("cycling"),
        "posts/posts.json": '{"tags": "posts"}\n',
        "posts/first-loaf.md": f"---\ntitle: My first loaf\ntags:\n  - diary\n---\n\n{LOAF}\n",
    }


def docusaurus() -> dict[str, str]:
    def meta(title: str, topic: str) -> str:
        return f"---\ntitle: {title!r}\ntags: [diary, {topic}]\n---\n"

    return posts("blog/2025-02-03-day-{}.md", meta) | {
        "blog/2026-03-01-first-loaf.mdx": (
            "---\ntitle: My first loaf\ntags: [diary]\n---\n\n"
            f'import Photo from "./photo.js";\n\n{LOAF}\n\n<Photo name="loaf" />\n'
        ),
    }


def obsidian() -> dict[str, str]:
    def meta(title: str, topic: str) -> str:
        return f"---\ntags:\n  - diary\n  - topic/{topic}\n---\n"

    return posts("Diary/Day {}.md", meta) | {
        "Taxonomy/tags/topic/cycling.md": definition("cycling"),
        "Templates/Note.md": "---\ntags: []\n---\n{{title}} and baking, baking, baking.\n",
        ".obsidian/notes.md": "baking, baking, baking\n",
        "Kitchen/First loaf.md": f"---\ntags:\n  - diary\n---\n\n{LOAF} See [[Day 3]].\n",
    }


def plain() -> dict[str, str]:
    """Folders as the guides that are about no one program have them."""

    def meta(title: str, topic: str) -> str:
        return f"---\ntitle: {title!r}\ntags: [{topic.title()}]\n---\n"

    return posts("content/day-{}.md", meta) | {
        "classify.toml": 'categories = "categories"\n',
        "categories/tags/baking.md": definition("baking"),
        "categories/tags/cycling.md": definition("cycling"),
        "content/first-loaf.md": f"---\ntitle: My first loaf\n---\n\n{LOAF}\n",
    }


def written(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


SITES: dict[str, Callable[[], dict[str, str]]] = {
    "hugo": hugo,
    "jekyll": jekyll,
    "eleventy": eleventy,
    "docusaurus": docusaurus,
    "obsidian": obsidian,
}
ALL = sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "decisions")
RAY = DOCS / "guides/ray.md"  # run where Ray is: in tests/distributed
PAGES = [*(page for page in GUIDES if page != RAY), DOCS / "ci.md", DOCS / "front-matter.md"]


# --- running them --------------------------------------------------------------------------------


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The site of a page as the current folder, under git, with `origin/main`."""
    written(tmp_path, SITES.get(request.param.stem, plain)())
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "site")
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    """What runs a command of a guide, and returns what it prints."""
    configured = composition.make_scorer

    def scorer(found: Settings) -> Scorer:
        return KeywordScorer() if found.scorer == "embedded" else configured(found)

    def go(line: str) -> str:
        name, *words = shlex.split(line)
        if name == "git":
            return git(Path(), *words)
        code = main(words)
        out, err = capsys.readouterr()
        assert code == 0, (line, out, err)
        return out + err

    monkeypatch.setattr(composition, "make_scorer", scorer)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    return go


def local(text: str, server: ChatServer) -> str:
    return re.sub(r"http://localhost:\d+/v1", server.url, text)


def lacking(command: Command, printed: str) -> list[str]:
    """Return the lines that a guide shows and that are not in the output, in their order."""
    lines = iter(" ".join(line.split()) for line in printed.splitlines())
    return [line for line in command.printed if " ".join(line.split()) not in lines]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("site", "page"),
    [(page, page) for page in PAGES],
    ids=[page.stem for page in PAGES],
    indirect=["site"],
)
def test_every_command_of_a_page_does_what_it_shows(
    site: Path, page: Path, run: Callable[[str], str], server: ChatServer
) -> None:
    done = list(steps(page))
    if page.stem == "ci":  # about a site that is judged
        run("classify content --quiet --write --sidecar")
    for step in done:
        if isinstance(step, Write):
            written(site, {step.name: local(step.text, server)})
        else:
            printed = run(local(step.line, server))
            assert not lacking(step, printed), printed
    commands = sum(isinstance(step, Command) for step in done)
    assert commands >= 3 or page.stem == "pipeline"


@pytest.mark.parametrize("site", [DOCS / "guides/pipeline.md"], indirect=True)
def test_the_python_of_the_pipeline_guide_runs(
    site: Path, run: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    page = (DOCS / "guides/pipeline.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    printed = []
    for example in examples:
        exec(compile(example, "pipeline.md", "exec"), {})
        printed.append(capsys.readouterr().out)
    first, applied, meanwhile, many, joined, errors, framed, batches, together, kept = printed
    shown, shown_frame = re.findall(r"^```text\n(.*?)^```$", page, re.M | re.S)
    assert first == shown
    assert framed == shown_frame
    assert batches == "['tags/baking', None]\n"
    assert "files would change, 0 refused\n" in applied
    assert (site / "report.html").stat().st_size > 10_000
    assert "['tags/baking']" in meanwhile
    assert "no damage" in meanwhile
    assert len(many.splitlines()) == len(together.splitlines()) == 25
    assert joined.startswith("[{'tags': ['Baking']}, ")
    assert "- not_utf8" in errors
    assert "post-1 {'tags': ['Baking']}" in errors
    assert kept.splitlines() == ["0 0 stored 0 calls", "1 2 stored 0 calls"]


def test_the_pipeline_guide_names_every_verb_of_a_project() -> None:
    page = (DOCS / "guides/pipeline.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)[`(.]", page))
    groups = [group for group in Project.__mro__ if group.__module__.startswith(VERBS)]
    verbs = {name for group in groups for name in vars(group) if not name.startswith("_")}
    assert len(verbs) > 40
    assert verbs <= named


def test_the_commands_for_a_local_model_ask_that_model(server: ChatServer) -> None:
    page = (DOCS / "guides/local-models.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"http://localhost:\d+/v1", page))
    assert len(asked) == 4


# --- what pages show -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_what_a_page_shows_of_settings_is_valid(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```toml\n(.*?)^```$", text, re.M | re.S):
        if "ignoreFiles" in block:  # Hugo's
            assert tomllib.loads(block)
            continue
        (tmp_path / "classify.toml").write_text(block, encoding="utf-8")
        settings.load(tmp_path)
    for block in re.findall(r"^ *```yaml\n(.*?)^ *```$", text, re.M | re.S):
        assert yaml.safe_load(block)


def test_the_workflows_give_the_action_only_what_it_takes() -> None:
    text = (DOCS / "ci.md").read_text(encoding="utf-8")
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    workflows = re.findall(r"<!-- config: workflow -->\n```yaml\n(.*?)^```$", text, re.M | re.S)
    configs = re.findall(r"<!-- config: pre-commit -->\n```yaml\n(.*?)^```$", text, re.M | re.S)
    assert len(workflows) == len(configs) == 2
    for workflow in workflows:
        *_, step = yaml.safe_load(workflow)["jobs"]["classify"]["steps"]
        assert set(step["with"]) <= set(inputs)
    for config in configs:
        (used,) = yaml.safe_load(config)["repos"]
        assert {it["id"] for it in used["hooks"]} <= {it["id"] for it in hooks}


@pytest.mark.parametrize("page", ALL, ids=[page.stem for page in ALL])
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", _prose(page)):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        if heading:
            assert heading in _headings(file), (target, heading)


def test_the_index_leads_to_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for page in ALL:
        if page.name != "README.md":
            assert f"({page.relative_to(DOCS).as_posix()}" in index, page.name


def _prose(page: Path) -> str:
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def _headings(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
