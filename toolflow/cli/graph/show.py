"""``toolflow graph show``: a tool, its parameters, and why its neighbours are its neighbours."""

from typing import Annotated, Any

import orjson
import typer

from toolflow.cli.graph.opened import GraphFile, Settings, number_of, opened
from toolflow.cli.printable import printable
from toolflow.fields import json_type
from toolflow.graph import FieldPair, ToolGraph
from toolflow.graph.explain import Explainer
from toolflow.schema import Tool

REASONS = 3
"""Field pairs told for each neighbour; ``--json`` has all."""


def show_command(
    tool: Annotated[str, typer.Argument(help="Name of the tool.", show_default=False)],
    graph: GraphFile = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Neighbours to show, the strongest first.")] = 20,
    config: Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Print a tool and its neighbours, each with the reason.

    Example: toolflow graph show book_flight tools.graph --limit 5
    """
    tools = opened(graph, config)
    number = number_of(tools, tool)
    found = _neighbours(tools, number)
    explainer = Explainer(tools)
    refused = explainer.refused(number)
    shown = [one | {"why": explainer.explain(number, tools.number[one["tool"]])} for one in found[:limit]]
    if as_json:
        about = {"tool": tools.tools[number].model_dump(), "neighbours": shown, "degree": len(found)}
        about["refused"] = refused
        typer.echo(orjson.dumps(about, option=orjson.OPT_INDENT_2))
        return
    lines = [*_about(tools.tools[number]), "", f"{len(found):,} neighbours"]
    for neighbour in shown:
        lines.append(f"  {neighbour['tool']}  {neighbour['kind']}  {neighbour['score']:.2f}")
        lines += [f"    {why}" for why in neighbour["why"][:REASONS]]
    if len(found) > limit:
        lines.append(f"  … {len(found) - limit:,} more; show them with --limit {len(found)}")
    if refused:
        lines += ["", f"{len(refused):,} flows taken out", *(f"  {why}" for why in refused[:limit])]
        if len(refused) > limit:
            lines.append(f"  … {len(refused) - limit:,} more; show them with --limit {len(refused)}")
    typer.echo("\n".join(printable(line) for line in lines))


def _about(tool: Tool) -> list[str]:
    lines = [tool.name, *([tool.description] if tool.description else [])]
    for name, schema in tool.properties.items():
        need = "required" if name in tool.required else "optional"
        said = schema.get("description", "") if isinstance(schema, dict) else ""
        lines.append(f"  {name} ({json_type(schema) or 'any'}, {need}) {said}".rstrip())
    return lines


def _neighbours(graph: ToolGraph, tool: int) -> list[dict[str, Any]]:
    """Each neighbour with kind and score, the strongest first, then by name."""
    kinds = graph.kinds()
    found = []
    for other in graph.neighbours(tool).tolist():
        edge = graph.edge(tool, other)
        assert edge is not None
        score = round(float(graph.edges.score[edge]), 4)
        found.append({"tool": graph.tools[other].name, "kind": kinds[edge], "score": score})
    return sorted(found, key=lambda one: (-one["score"], one["tool"]))


def reason(pair: FieldPair) -> str:
    """A field pair in words."""
    left, right = f"{pair.left} of {pair.left_tool}", f"{pair.right} of {pair.right_tool}"
    return f"{left} feeds {right}" if pair.kind == "pr" else f"{left} is like {right}"
