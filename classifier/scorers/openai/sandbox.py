"""Renders templates that nobody has read: bounded in steps, in time and in size.

Jinja2's sandbox keeps a template from the machine, but not from running for ever or filling the
memory. Here every turn of a loop, call and included template is a step of a budget, and whatever
makes text larger than its parts is measured before it is made or does not exist.
"""

from __future__ import annotations

import threading
import time
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError, TemplateRuntimeError, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

_STEPS: Final = 100_000
_SECONDS: Final = 5.0
"""Of the processor, for one rendering."""
_SIZE: Final = 4_000_000
"""Characters one rendering may make beyond three times the size of its variables."""
_LARGEST_INT: Final = 1_000_000_000_000

_FILTERS: Final = frozenset(
    """
    abs capitalize count d default dictsort e escape first float forceescape groupby int
    items last length list lower map max min reject rejectattr reverse round safe select
    selectattr sort string striptags sum title trim truncate unique upper wordcount
    """.split()  # noqa: SIM905
)
"""Those of Jinja2 whose result is not larger than what they are given, about."""
_METHODS: Final = frozenset(
    """
    capitalize casefold count endswith find get index isalnum isalpha isdigit islower
    isspace isupper items keys lower lstrip partition removeprefix removesuffix rfind
    rpartition rsplit rstrip split splitlines startswith strip swapcase title upper values
    """.split()  # noqa: SIM905
)
"""Likewise of texts, lists and mappings."""


class TooMuchError(TemplateRuntimeError):
    """A template exceeds a bound."""


class _Budget(threading.local):
    """What the rendering in this thread has left."""

    steps = 0
    size = 0
    until = 0.0

    def reset(self, variables: Mapping[str, object]) -> None:
        self.steps = _STEPS
        self.size = _SIZE + 3 * sum(map(_measure, variables.values()))
        self.until = time.thread_time() + _SECONDS

    def step(self, size: int = 0) -> None:
        self.steps -= 1
        if self.steps < 0 or time.thread_time() > self.until:
            raise TooMuchError("it runs for too long; it may take no more than 100,000 steps")
        self.take(size)

    def take(self, size: int) -> None:
        self.size -= size
        if self.size < 0:
            raise TooMuchError("it makes too much text; a prompt may have 4 million characters")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox for templates by name, with bounds."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, templates: Mapping[str, str]) -> None:
        super().__init__(
            loader=DictLoader(templates),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # prompts are plain text: `&lt;` would only mislead a model
            optimized=False,  # which would work out constants without bounds
        )
        self.budget = _Budget()
        own = {"join": self._join, "replace": self._replace, "indent": self._indent}
        bounds = {"_turns": self._turns, "_printed": self._printed}
        self.filters = {name: FILTERS[name] for name in _FILTERS} | own | bounds
        self.globals = {"range": self._range}
        self._largest = sum(map(len, templates.values()))

    def render(self, name: str, variables: Mapping[str, object]) -> str:
        """Render a template.

        Raises:
            TemplateError: it is broken, or exceeds a bound.
        """
        self.budget.reset(variables)
        try:
            return self.get_template(name).render(variables)
        except (RecursionError, MemoryError):
            raise TooMuchError("it calls or includes itself too deeply") from None
        except TemplateError:
            raise
        except Exception as error:  # whatever else an expression of a stranger may raise
            raise TemplateRuntimeError(f"{type(error).__name__}: {error}"[:300]) from error

    # --- what costs a step -----------------------------------------------------------------------

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in list(tree.find_all(nodes.For)):
            size = sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
            loop.iter = _filter(loop.iter, "_turns", nodes.Const(size))
        for concat in list(tree.find_all(nodes.Concat)):
            concat.nodes = [_filter(each, "_printed") for each in concat.nodes]
        for output in list(tree.find_all(nodes.Output)):
            output.nodes = [
                each if isinstance(each, nodes.TemplateData) else _filter(each, "_printed")
                for each in output.nodes
            ]
        # What holds itself twice, forty times over, is never printed or compared to the end.
        literal: Any
        for literal in list(tree.find_all((nodes.List, nodes.Tuple))):
            if getattr(literal, "ctx", "load") == "load":
                literal.items = [_filter(each, "_printed") for each in literal.items]
        for pair in list(tree.find_all(nodes.Pair)):
            pair.value = _filter(pair.value, "_printed")
        return tree

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002
        if parent is not None:
            self.budget.step(self._largest)
        return super().get_template(name, parent, globals)

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.budget.step(self._largest)
        return super().call(context, obj, *args, **kwargs)

    def is_safe_callable(self, obj: Any) -> bool:
        if isinstance(obj, types.BuiltinMethodType):
            return obj.__name__ in _METHODS
        return super().is_safe_callable(obj)

    def _turns(self, values: Iterable[Any], size: int) -> Iterator[Any]:
        for value in values:
            self.budget.step(size)
            yield value

    def _printed(self, value: object) -> object:
        self.budget.step(_measure(value))
        return value

    # --- what makes something larger -------------------------------------------------------------

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        self.budget.step()
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if numbers:
            if abs(left) > _LARGEST_INT or abs(right) > _LARGEST_INT:
                raise TooMuchError("a number is too large")
            if operator == "**" and abs(right) > 10:
                raise TooMuchError("an exponent is too large")
        elif operator == "+":
            self.budget.take(_measure(left) + _measure(right))
        else:
            raise SecurityError(f"{operator!r} works with numbers only")
        return super().call_binop(context, operator, left, right)

    def _range(self, *bounds: int) -> range:
        values = range(*bounds)
        if len(values) > _STEPS:
            raise TooMuchError("a range is too long")
        return values

    def _join(self, values: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
        parts = list(self._turns(values, len(d)))
        if attribute is not None:
            parts = [self.getitem(part, attribute) for part in parts]
        texts = [str(part) for part in parts]
        self.budget.take(sum(map(len, texts)))
        return str(d).join(texts)

    def _replace(self, text: str, old: str, new: str, count: int = -1) -> str:
        self.budget.take(len(text) + str(text).count(old) * len(new))
        return str(text).replace(old, new, count)

    def _indent(self, text: str, width: int | str = 4, first: bool = False) -> str:
        space = width if isinstance(width, str) else " " * min(width, 100)
        self.budget.take(len(text) + (text.count("\n") + 1) * len(space))
        lines = text.replace("\n", f"\n{space}")
        return space + lines if first else lines


def _filter(node: Any, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


def _measure(value: object) -> int:
    """Return about how many characters a value has; no more than is allowed is counted."""
    size, pending = 0, [value]
    while pending and size <= _SIZE:
        each = pending.pop()
        size += len(each) if isinstance(each, str) else 20
        if isinstance(each, Mapping):
            pending += each.values()
        elif isinstance(each, list | tuple):
            pending += each
    return size
