from __future__ import annotations

import pickle
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from support.settings_files import write

from classifier.errors import SettingsError
from classifier.models import Rule
from classifier.settings import Settings, load, rules

DOCS = Path(__file__).parents[2] / "docs"


def refused(folder: Path, **overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load(folder, **overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_with_nothing_configured_a_label_needs_half_and_a_kind_has_five(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert rules(settings) == ({}, Rule(minimum=0.5, at_most=5, by="score"))
    assert (settings.scorer, settings.pack, settings.canary) == ("embedded", None, True)


def test_the_nearest_file_counts_and_a_pyproject_without_the_table_does_not(
    tmp_path: Path,
) -> None:
    write(tmp_path, "pack = 3\nconcurrency = 9")
    write(tmp_path / "a", "[tool.classify]\npack = 4", "pyproject.toml")
    write(tmp_path / "a" / "b", "[tool.other]\npack = 5", "pyproject.toml")
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir()
    assert (load(inner).pack, load(inner).concurrency) == (4, 4)
    assert load(tmp_path).pack == 3


def test_classify_toml_wins_over_pyproject_in_the_same_folder(tmp_path: Path) -> None:
    write(tmp_path, "pack = 3")
    write(tmp_path, "[tool.classify]\npack = 4", "pyproject.toml")
    assert load(tmp_path).pack == 3


def test_the_call_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'pack = 3\nmodel = "file"\nminimum = 0.1')
    monkeypatch.setenv("CLASSIFY_MODEL", "environment")
    monkeypatch.setenv("CLASSIFY_PACK", "4")
    monkeypatch.setenv("CLASSIFY_MINIMUM", "")
    settings = load(pack=5, model=None)
    assert (settings.pack, settings.model, settings.minimum) == (5, "environment", 0.1)


def test_lists_of_paths_in_a_file_are_relative_to_it(tmp_path: Path) -> None:
    write(tmp_path, 'categories = ["tags", "site/tags.yml"]\ncontent = "posts"')
    settings = load(tmp_path)
    assert settings.categories == (tmp_path / "tags", tmp_path / "site/tags.yml")
    assert settings.content == (tmp_path / "posts",)


def test_a_path_in_a_list_may_not_lead_out_of_the_project(tmp_path: Path) -> None:
    write(tmp_path, 'content = ["posts", "../.."]')
    with pytest.raises(SettingsError, match="not trusted"):
        load(tmp_path)


def test_paths_in_a_file_are_relative_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'categories = "site/tags"\nprompts = "/abs"')
    monkeypatch.setenv("CLASSIFY_EMBEDDING_MODEL", "here")
    monkeypatch.setenv("CLASSIFY_TRUST_PROJECT", "1")
    settings = load(tmp_path)
    assert settings.categories == (tmp_path / "site" / "tags",)
    assert settings.prompts == Path("/abs")
    assert settings.embedding_model == Path("here")


def test_values_that_are_no_paths_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        'embedding_model = "multilingual"\ntrained = "off"\ncuts = "off"\nprofile = "off"\n'
        'panel = {scorers = ["embedded:multilingual", "embedded:model"]}\n',
    )
    monkeypatch.chdir(tmp_path.parent)  # none of them leads out of the project
    settings = load(tmp_path)
    assert settings.embedding_model == "multilingual"
    assert (settings.trained, settings.cuts, settings.profile) == ("off", "off", "off")
    assert settings.panel.scorers == ("embedded:multilingual", f"embedded:{tmp_path / 'model'}")


def test_a_model_that_comes_with_the_package_is_a_name_and_no_path(tmp_path: Path) -> None:
    write(tmp_path, 'embedding_model = "fast"\n[panel]\nscorers = ["embedded", "embedded:fast"]')
    settings = load(tmp_path)
    assert settings.embedding_model == "fast"
    assert settings.panel.scorers == ("embedded", "embedded:fast")
    write(tmp_path, 'embedding_model = "./fast"')
    assert load(tmp_path).embedding_model == tmp_path / "fast"


def test_rules_can_be_given_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFY_RULES", '{"tags": {"at_most": "all"}}')
    assert rules(load())[0] == {"tags": Rule(at_most=None)}


def test_settings_can_be_pickled(tmp_path: Path) -> None:
    write(tmp_path, "[rules.tags]\nminimum = 0.8")
    settings = load(tmp_path)
    again = pickle.loads(pickle.dumps(settings))
    assert again == settings
    assert rules(again) == rules(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("minimun = 0.5", "unknown setting 'minimun'; did you mean 'minimum'?"),
        ('base-url = "http://x"', "unknown setting 'base-url'; did you mean 'base_url'?"),
        ("decoy = false", "unknown setting 'decoy'; it is now called 'canary'"),
        ("zebra = 1", "unknown setting 'zebra'; known are categories, content"),
        ("[rules.tags]\nat_mots = 1", "'rules.tags.at_mots'; did you mean 'at_most'?"),
        ("[rules.tags]\nzebra = 1", "'rules.tags.zebra'; known are minimum, at_most, by"),
        ("minimum = 80", "minimum = 80: expected at most 1"),
        ("minimum = -0.1", "minimum = -0.1: "),
        ("minimum = nan", "minimum = nan: "),
        ("minimum = true", "minimum = True: expected a number"),
        ('minimum = "High"', "one of primary, secondary, tertiary"),
        ("[rules.tags]\nminimum = 3", "rules.tags.minimum = 3: "),
        ("[rules]\nTags = {}\ntags = {}", "two rules for one kind"),
        ("rules = 3", "rules = 3: "),
        ("at_most = 0", "at_most = 0: "),
        ("at_most = true", "at_most = True: expected a number"),
        ('by = "luck"', "by = 'luck': expected 'score' or 'level'"),
        (
            'scorer = "gpt"',
            "scorer = 'gpt': expected 'embedded', 'openai', 'cascade', 'panel' or 'imported'",
        ),
        ('pack = "many"', "pack = 'many': "),
        ("timeout = inf", "timeout = inf: "),
        ("categories = 3", "categories = 3: "),
        ('base_url = "localhost:80"', "starts with http:// or https://"),
        ("pack =", "not valid TOML"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_with_file_and_key(
    tmp_path: Path, text: str, words: str
) -> None:
    file = write(tmp_path, text)
    message = refused(tmp_path)
    assert message.startswith(f"{str(file)!r}: ")
    assert words in message


@pytest.mark.parametrize("key", ["api_key", "OPENAI_API_KEY", "apikey", "token"])
def test_a_key_in_a_file_is_refused_without_being_shown(tmp_path: Path, key: str) -> None:
    write(tmp_path, f'{key} = "sk-very-secret"')
    message = refused(tmp_path)
    assert "read from OPENAI_API_KEY only" in message
    assert "sk-very-secret" not in message


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("CLASSIFY_DECOY", "false", "it is now called 'CLASSIFY_CANARY'"),
        ("CLASSIFY_MODLE", "x", "did you mean 'CLASSIFY_MODEL'?"),
        ("CLASSIFY_API_KEY", "sk-x", "read from OPENAI_API_KEY only"),
        ("CLASSIFY_PACK", "x", "CLASSIFY_PACK: pack = 'x': "),
        ("CLASSIFY_RULES", "x", "CLASSIFY_RULES: expected JSON"),
        ("classify_fields", "x", 'CLASSIFY_FIELDS: expected JSON, such as \'{"tags": {"name"'),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    message = refused(tmp_path)
    assert words in message
    assert "sk-x" not in message


def test_variables_of_other_programs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFY_ZEBRA", "x")
    assert load() == Settings()


def test_an_argument_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, pack=0).startswith("the call: pack = 0: ")
    assert "did you mean 'model'" in refused(tmp_path, modle="x")


@pytest.mark.parametrize("data", [b"model = '\xe9'", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, data: bytes | None) -> None:
    file = tmp_path / "classify.toml"
    if data is None:
        file.mkdir()
    else:
        file.write_bytes(data)
    assert refused(tmp_path).startswith(f"{str(file)!r}: ")


def test_a_tool_table_that_is_none_is_named(tmp_path: Path) -> None:
    write(tmp_path, "tool.classify = 3", "pyproject.toml")
    assert "tool.classify is not a table" in refused(tmp_path)


def test_the_documented_example_gives_the_documented_rules(tmp_path: Path) -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    write(tmp_path, example)
    by_kind, default = rules(load(tmp_path))
    assert by_kind == {
        "concepts": Rule(minimum=0.80, at_most=1),
        "categories": Rule(minimum=0.75, at_most=3),
        "tags": Rule(minimum=0.80, at_most=15),
    }
    assert default == Rule()


def test_the_documented_table_is_what_the_program_reads() -> None:
    page = runpy.run_path(str(DOCS / "generate_settings.py"))["page"]
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert page(text) == text, "run: python docs/generate_settings.py"
    assert all(f"| `{name}` |" in text for name in Settings.model_fields)


def test_importing_the_package_does_not_load_the_settings() -> None:
    program = "import sys, classifier; sys.exit('classifier.settings' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('store = "\\u0000x"', "zero byte"),
        (f'categories = "{"a" * 300}"', "too long"),
        (f'prompts = "{"a/" * 3000}"', "too long"),
        (f"pack = 1{'0' * 5000}", "digits"),
    ],
)
def test_a_value_that_no_path_or_number_can_be_is_one_line(
    tmp_path: Path, text: str, said: str
) -> None:
    write(tmp_path, text)
    assert said in refused(tmp_path)


def test_a_tilde_before_no_users_name_is_a_folder_called_so(tmp_path: Path) -> None:
    write(tmp_path, 'store = "~no-such-user/x"')
    assert load(tmp_path).store == tmp_path / "~no-such-user" / "x"


def test_folders_of_models_in_a_panel_are_relative_to_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "classify.toml").write_text(
        '[panel]\nscorers = ["embedded:model", "openai:gpt:8b"]'
    )
    monkeypatch.chdir(tmp_path / "below")
    assert load().panel.scorers == (f"embedded:{tmp_path / 'model'}", "openai:gpt:8b")
    monkeypatch.setenv("CLASSIFY_PANEL", '{"scorers": "embedded, openai", "confidence": "least"}')
    assert load().panel.scorers == ("embedded", "openai")
    assert load().panel.confidence == "least"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('scorers = ["embedded"]', "panel.scorers"),
        ('scorers = ["embedded", "gpt"]', "'gpt' cannot be in a panel"),
        ('scorers = ["embedded", "openai:"]', "'openai:' cannot be in a panel"),
        ('scorers = "embedded"', "panel.scorers"),
        ('confidence = "most"', "panel.confidence"),
        ("weights = [1]", "unknown setting 'panel.weights'"),
    ],
)
def test_a_panel_that_cannot_be_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "classify.toml").write_text(f"[panel]\n{text}\n")
    with pytest.raises(SettingsError) as raised:
        load(tmp_path)
    assert message in str(raised.value)
    assert "classify.toml" in str(raised.value)
    assert "\n" not in str(raised.value)
