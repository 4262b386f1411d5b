"""Python modules, read with `griffe` as text: functions, their hints and docstrings; nothing is imported or run.

Public functions are tools, and the public methods of public classes that are no mere data (a dataclass, an
enum and the like describe arguments instead). Docstrings may be Google's, NumPy's or Sphinx's. Ours: ``self``,
``*args``, ``**kwargs``, private arguments and a framework's context are no arguments of a tool.
"""

import importlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from toolflow.errors import CatalogError
from toolflow.importing.annotations import enum_schema, hint_schema, literal
from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.names import snake
from toolflow.importing.shelf import Shelf

MAX_FUNCTIONS = 5_000
_DATA_BASES = set("TypedDict BaseModel NamedTuple Enum IntEnum StrEnum Flag IntFlag Struct Protocol ABC".split())
_ENUMS = set("Enum IntEnum StrEnum Flag IntFlag".split())
_CONTEXTS = set("Context RunContext ToolContext Request Response InjectedState ToolRuntime".split())

logging.getLogger("griffe").addHandler(logging.NullHandler())  # its remarks on docstrings are nobody's errors


def recognise(content: Any) -> bool:
    """Whether a document is the text of a module."""
    return isinstance(content, str)


def read(document: Document, _shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The functions of a module; `CatalogError` when it cannot be parsed."""
    parser: Any = importlib.import_module("griffe")  # a third of a second that only this format should wait for
    if not isinstance(document.content, str):
        raise CatalogError("is no Python module")
    name = Path(document.name).name.split(".")[0]
    try:
        module = parser.visit(name, Path(document.name), document.content)
        yield from _Module(parser.parse_auto, document, module).drafts()
    except SyntaxError as error:
        raise CatalogError(f"not valid Python: {error.msg} (line {error.lineno})") from None
    except (RecursionError, MemoryError):
        raise CatalogError("nested too deep to be parsed") from None
    except (parser.GriffeError, ValueError) as error:
        raise CatalogError(f"cannot be read as Python: {' '.join(str(error).split())[:200]}") from None


class _Module:
    """The functions and classes of one module."""

    def __init__(self, sections: Callable[..., Any], document: Document, module: Any) -> None:
        self.sections = sections
        self.module = module
        self.classes = {
            name: member for name, member in module.members.items() if not member.is_alias and member.is_class
        }
        schemas = {name: self._class(member) for name, member in self.classes.items()}
        self.document = Document(document.name, {"classes": schemas}, document.path)

    def drafts(self) -> Iterator[Draft]:
        """A draft for each public function and method."""
        found: list[tuple[str, Any]] = []
        for name, member in self.module.members.items():
            if member.is_alias or not member.is_public:
                continue
            if member.is_function:
                found.append((name, member))
            elif member.is_class and not self._is_data(member):
                methods = [(below, part) for below, part in member.members.items() if not part.is_alias]
                found += [
                    (f"{snake(name)}_{below}", part)
                    for below, part in methods
                    if part.is_function and not below.startswith("_")
                ]
        if len(found) > MAX_FUNCTIONS:
            raise CatalogError(f"has more than {MAX_FUNCTIONS:,} functions; split it")
        for name, function in found:
            yield self._draft(name, function)

    def _draft(self, name: str, function: Any) -> Draft:
        text, arguments, result = self._said(function.docstring)
        properties: dict[str, Any] = {}
        required = []
        for parameter in function.parameters:
            hint = str(parameter.annotation or "")
            if (
                parameter.name.startswith("_")
                or parameter.name in ("self", "cls")
                or "variadic" in parameter.kind.value
            ):
                continue
            if hint.partition("[")[0].rpartition(".")[2].strip("'\" ") in _CONTEXTS:
                continue
            said, said_type = arguments.get(parameter.name, ("", None))
            schema = hint_schema(hint or said_type, self.classes)
            if said:
                schema = {**schema, "description": said}
            if parameter.default is None:
                required.append(parameter.name)
            else:
                schema |= self._default(parameter.default)
            properties[parameter.name] = schema
        said, said_type = result
        returns = hint_schema(function.returns or said_type, self.classes)
        return Draft(
            name=name,
            place=f"{self.document.name}:{function.lineno} {function.name}",
            document=self.document,
            description=text,
            parameters={"type": "object", "properties": properties} | ({"required": required} if required else {}),
            returns=None if returns in ({}, {"type": "null"}) else ({"description": said} if said else {}) | returns,
            api=self.module.name,
            category=self.module.name,
        )

    def _default(self, text: Any) -> dict[str, Any]:
        """A default as a keyword; a member of an enum of this module as its value; nothing for what must be run."""
        owner, _dot, member = str(text).rpartition(".")
        if owner in self.classes and member in self.classes[owner].members:
            text = self.classes[owner].members[member].value
        try:
            value = literal(text)
        except LookupError:
            return {}
        return {} if value is None else {"default": value}

    def _said(self, docstring: Any) -> tuple[str, dict[str, tuple[str, str | None]], tuple[str, str | None]]:
        """What a docstring says: of the function, of each argument with its type, of the result with its type."""
        if docstring is None:
            return "", {}, ("", None)
        texts: list[str] = []
        arguments: dict[str, tuple[str, str | None]] = {}
        result: tuple[str, str | None] = ("", None)
        for section in self.sections(docstring, method="max_sections"):
            kind = section.kind.value
            if kind == "text":
                texts.append(str(section.value))
            elif kind in ("parameters", "other parameters", "attributes"):
                for item in section.value:
                    arguments[item.name] = (str(item.description or ""), _text(item.annotation))
            elif kind == "returns" and section.value:
                item = section.value[0]
                result = (str(item.description or ""), _text(item.annotation))
        return "\n\n".join(texts), arguments, result

    def _is_data(self, member: Any) -> bool:
        return "dataclass" in member.labels or any(_last(base) in _DATA_BASES for base in member.bases)

    def _class(self, member: Any) -> dict[str, Any]:
        """The schema of what a class holds: an enum's values, or its annotated attributes."""
        text, said, _result = self._said(member.docstring)
        about = {"description": text} if text else {}
        attributes = {name: part for name, part in member.members.items() if not part.is_alias and part.is_attribute}
        if any(_last(base) in _ENUMS for base in member.bases):
            return {**about, **enum_schema([_value(part.value, name) for name, part in attributes.items()])}
        properties: dict[str, Any] = {}
        required = []
        optional = any(keyword == "total" and str(value) == "False" for keyword, value in member.keywords.items())
        for name, part in attributes.items():
            hint = str(part.annotation or "")
            if (
                name.startswith("_")
                or not hint
                or hint.startswith(("ClassVar", "typing.ClassVar"))
                or "property" in part.labels
            ):
                continue
            schema = hint_schema(hint, self.classes)
            described = part.docstring.value if part.docstring else said.get(name, ("", None))[0]
            described = described or (
                hint_schema(f"Annotated[int, {part.value}]", ()).get("description") if part.value else ""
            )
            if described:
                schema = {**schema, "description": described}
            if part.value is not None and not str(part.value).startswith(("Field(...", "field()")):
                schema |= self._default(part.value)
            elif not optional and not hint.startswith("NotRequired"):
                required.append(name)
            properties[name] = schema
        whole: dict[str, Any] = {"type": "object", **about, "properties": properties}
        return whole | {"required": required} if required else whole


def _value(text: Any, name: str) -> Any:
    """The value of a member of an enum; its name in lower case where it is made by ``auto()``."""
    try:
        return literal(text)
    except LookupError:
        return name.lower()


def _last(base: Any) -> str:
    return str(base).partition("[")[0].rpartition(".")[2]


def _text(annotation: Any) -> str | None:
    return None if annotation is None else str(annotation)
