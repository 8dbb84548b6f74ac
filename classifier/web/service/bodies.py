"""What clients send, with the bounds of everything in it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MOST_CHARACTERS: Final = 200_000
"""Of one article."""
MOST_NAMES: Final = 1_000
MOST_DEFINITIONS: Final = 100
MOST_LINES: Final = 10_000
"""Articles of one stream."""

_Name: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Phrase: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Article: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)]
_Long: TypeAlias = Annotated[str, StringConstraints(max_length=20_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class InlineDefinition(_Body):
    """A category that is defined in the request, as a definition file would."""

    title: str = Field(max_length=200, pattern=r"\w", examples=["Bread"])
    kind: str = Field(
        "inline",
        max_length=100,
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        description="Labels are grouped by kind, and each kind has its rule.",
    )
    description: _Long = Field("", description="What belongs.", examples=["Loaves and baking"])
    instructions: _Long = Field("", description="Markdown with scope, key topics and exclusions.")
    include: list[_Phrase] = Field([], max_length=100, description="Key topics.")
    exclude: list[_Phrase] = Field([], max_length=100, description="Exclusions.")
    aliases: list[_Name] = Field([], max_length=100)


def _one_content(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": ["text"]}, {"required": ["document"]}]


class ClassifyRequest(_Body):
    """One article, as `text` or `document`, and the categories to judge it against."""

    model_config = ConfigDict(json_schema_extra=_one_content)

    text: _Article = Field("", description="Markdown without front matter.")
    document: _Article = Field("", description="A whole file: front matter and Markdown.")
    title: str = Field("", max_length=1_000, description="Title of a `text`.")
    description: str = Field("", max_length=5_000, description="Description of a `text`.")
    id: str = Field("-", min_length=1, max_length=1_000, description="Answered as `article`.")
    categories: list[_Name] = Field(
        [],
        max_length=MOST_NAMES,
        description="Categories of the service, by id, slug, title or alias. Without any, and "
        "without `definitions`: all.",
    )
    definitions: list[InlineDefinition] = Field(
        [], max_length=MOST_DEFINITIONS, description="Categories of this request alone."
    )

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if ("text" in self.model_fields_set) == ("document" in self.model_fields_set):
            msg = "pass either 'text' or 'document'"
            raise ValueError(msg)
        return self


class VerdictRequest(_Body):
    """A person's verdict on an article of the content folder."""

    path: str = Field(
        min_length=1, max_length=1_000, description="The article, below the content folder."
    )
    category: _Name = Field(description="Id, slug, title or alias.")
    accepted: bool | None = Field(
        description="Whether the article belongs to the category; null withdraws the verdict."
    )
    note: str = Field("", max_length=2_000, description="Why, in their own words.")
