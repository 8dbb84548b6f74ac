"""A project's settings file may not lead out of the project before its user trusts it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.chat_server import ChatServer

from classifier import Classifier, composition, settings
from classifier.cli import main
from classifier.errors import SettingsError
from classifier.settings import trust
from classifier.store import Store

ARTICLE = "---\ntitle: Loaf\n---\nBread and butter.\n"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of somebody else's, which is the current folder; the key is set."""
    folder = tmp_path / "clone"
    (folder / ".git").mkdir(parents=True)
    (folder / "tags.yml").write_text("bread:\n  label: Bread\n", encoding="utf-8")
    (folder / "loaf.md").write_text(ARTICLE, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    return folder


def says(folder: Path, text: str) -> Path:
    file = folder / "classify.toml"
    file.write_text(f'scorer = "openai"\nmodel = "m"\ncategories = "tags.yml"\n{text}\n', "utf-8")
    return file


def refused() -> str:
    """Judge an article, and return why that is refused."""
    classifier = Classifier.from_settings()
    with pytest.raises(SettingsError) as raised:
        classifier.classify(Path("loaf.md"))
    return str(raised.value)


ELSEWHERE = "https://collector.example/v1"


@pytest.mark.parametrize(
    "url",
    [
        ELSEWHERE,
        "http://api.openai.com/v1",  # no encryption
        "https://api.openai.com.collector.example/v1",
        "https://api.openai.com:8443/v1",
        "http://localhost.collector.example/v1",
        "http://127.0.0.1.collector.example/v1",
        "http://192.168.1.7/v1",
        "http://169.254.169.254/latest",
    ],
)
def test_a_server_that_only_the_project_names_is_refused_with_the_way_out(
    clone: Path, url: str
) -> None:
    file = says(clone, f'base_url = "{url}"')
    message = refused()
    assert str(file) in message
    assert url in message
    assert "classify trust" in message
    assert "\n" not in message


def test_a_file_in_a_parent_folder_is_a_strangers_too(clone: Path) -> None:
    (clone.parent / "tags.yml").write_bytes((clone / "tags.yml").read_bytes())
    says(clone.parent, f'base_url = "{ELSEWHERE}"')
    assert str(clone.parent / "classify.toml") in refused()


def test_what_sends_nothing_needs_no_trust(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says(clone, f'base_url = "{ELSEWHERE}"')
    assert composition.make_scorer(settings.load(scorer="embedded")).identity
    for command in (["status", "loaf.md"], ["categories"], ["loaf.md", "--dry-run"]):
        assert main(command) == 0
    assert main(["loaf.md", "--no-store"]) == 2
    assert "classify trust" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["https://api.openai.com/v1", "https://api.openai.com/v1/"])
def test_the_official_address_needs_no_trust(clone: Path, url: str) -> None:
    says(clone, f'base_url = "{url}"')
    found = settings.load()
    assert not found.refusal
    assert found.sends_key


def test_an_option_or_a_variable_is_the_users_own_word(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(clone, f'base_url = "{ELSEWHERE}"')
    assert not settings.load(base_url="https://mine.example/v1").refusal
    monkeypatch.setenv("CLASSIFY_BASE_URL", "https://mine.example/v1")
    assert not settings.load().refusal


def test_the_users_own_configuration_may_name_a_server_and_the_project_wins_over_it(
    clone: Path,
) -> None:
    own = trust.user_folder() / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('base_url = "https://mine.example/v1"\nmodel = "mine"\n', "utf-8")
    says(clone, "")
    found = settings.load()
    assert (found.base_url, found.model) == ("https://mine.example/v1", "m")
    assert not found.refusal
    own.write_text("nonsense = 1\n", "utf-8")
    with pytest.raises(SettingsError, match=r"config\.toml"):
        settings.load()


def test_trust_is_for_the_content_and_can_be_taken_back(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = says(clone, f'base_url = "{ELSEWHERE}"')
    assert main(["trust"]) == 0
    assert str(file) in capsys.readouterr().err
    assert not settings.load().refusal
    assert not list(clone.rglob("trusted.json"))
    says(clone, f'base_url = "{ELSEWHERE}/other"')
    assert "classify trust" in refused()
    assert main(["trust", str(file)]) == 0
    assert not settings.load().refusal
    assert main(["trust", "--forget"]) == 0
    assert "classify trust" in refused()


def test_continuous_integration_trusts_by_a_variable(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(clone, f'base_url = "{ELSEWHERE}"')
    monkeypatch.setenv(trust.VARIABLE, "0")
    assert refused()
    monkeypatch.setenv(trust.VARIABLE, "1")
    assert not settings.load().refusal


def test_a_damaged_list_of_trusted_files_trusts_nothing(clone: Path) -> None:
    file = says(clone, f'base_url = "{ELSEWHERE}"')
    trust.trust(file)
    (trust.user_folder() / "trusted.json").write_text("[1, 2", "utf-8")
    assert refused()


def test_a_server_on_this_computer_is_asked_but_gets_no_key_from_an_untrusted_file(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer() as server:
        file = says(clone, f'base_url = "{server.url}"')
        assert main(["loaf.md", "--no-store", "--quiet"]) == 0
        assert server.requests
        assert not any("sk-mine" in str(request.headers) for request in server.requests)
        server.requests.clear()
        trust.trust(file)
        assert main(["loaf.md", "--no-store", "--quiet"]) == 0
        keys = {request.headers["authorization"] for request in server.requests}
        assert keys == {"Bearer sk-mine"}
    capsys.readouterr()


@pytest.mark.parametrize("key", ["categories", "prompts", "store", "trained", "cuts"])
def test_a_path_out_of_the_project_is_refused(clone: Path, key: str) -> None:
    (clone / "classify.toml").write_text(f'{key} = "../elsewhere"\n', "utf-8")
    with pytest.raises(SettingsError, match=key):
        settings.load()
    (clone / "classify.toml").write_text(f'{key} = "/etc"\n', "utf-8")
    with pytest.raises(SettingsError, match="classify trust"):
        settings.load()


def test_a_link_out_of_the_project_is_refused(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (clone / "inside").symlink_to(tmp_path / "private")
    (clone / "classify.toml").write_text('categories = "inside"\n', "utf-8")
    with pytest.raises(SettingsError, match="inside"):
        settings.load()


def test_other_folders_of_the_same_checkout_are_inside(clone: Path) -> None:
    (clone / "site").mkdir()
    (clone / "site/classify.toml").write_text('categories = "../tags.yml"\n', "utf-8")
    assert settings.load(clone / "site").categories is not None


def test_a_batch_is_sent_nowhere_else_either(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says(clone, f'base_url = "{ELSEWHERE}"')
    for command in (["submit", "loaf.md"], ["status"], ["collect"], ["cancel"]):
        (clone / ".classify").mkdir(exist_ok=True)
        Store.open(clone / ".classify/records.sqlite3").close()
        assert main(["batch", *command]) == 2
        assert "classify trust" in capsys.readouterr().err


@pytest.mark.parametrize(
    "scorers", ['["embedded:../model", "openai"]', '"embedded:../model, openai"']
)
def test_a_model_outside_the_project_in_a_panel_needs_trust(clone: Path, scorers: str) -> None:
    file = says(clone, f"[panel]\nscorers = {scorers}")
    with pytest.raises(SettingsError, match=r"leads out of the project \(panel\.scorers has"):
        settings.load()
    trust.trust(file)
    assert settings.load().panel.scorers[0].startswith("embedded:")


def test_no_member_of_a_panel_sends_to_a_server_that_nobody_trusts(clone: Path) -> None:
    says(clone, f'base_url = "{ELSEWHERE}"\n[panel]\nscorers = ["openai", "openai:m2"]')
    classifier = Classifier.from_settings(scorer="panel")
    with pytest.raises(SettingsError, match="not trusted"):
        classifier.classify(Path("loaf.md"))


@pytest.mark.parametrize(
    "text",
    [
        'model = "anthropic/claude"',
        'model = "gemini/flash"',
        'model = "m"\n[panel]\nscorers = ["openai", "openai:anthropic/claude"]',
    ],
)
def test_a_provider_that_an_untrusted_file_names_gets_nothing(
    clone: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "mine")
    monkeypatch.setenv("GEMINI_API_KEY", "mine")
    file = clone / "classify.toml"
    file.write_text(f'scorer = "openai"\ncategories = "tags.yml"\n{text}\n')
    assert "is not trusted" in refused()
    trust.trust(file)
    assert not settings.load().refusal


@pytest.mark.parametrize("text", ['model = "ollama/qwen3"', 'model = "mistralai/small"'])
def test_a_model_on_this_computer_or_with_a_slash_needs_no_trust(clone: Path, text: str) -> None:
    (clone / "classify.toml").write_text(f"{text}\n")
    assert not settings.load().refusal


def test_a_provider_means_nothing_at_a_server_that_the_user_named(clone: Path) -> None:
    (clone / "classify.toml").write_text('model = "anthropic/claude"\n')
    assert settings.load().refusal
    assert not settings.load(base_url="https://openrouter.example/v1").refusal
    assert not settings.load(model="anthropic/claude").refusal
