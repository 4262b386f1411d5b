"""Real tools for tests of execution: an MCP server, over stdio or with a port over streamable HTTP, that behaves and
misbehaves, and Python functions that do.

Each start of the server adds a line to the file ``STARTS`` names, each note a line to ``NOTES``.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Any

from mcp.server import MCPServer
from mcp.types import ImageContent, TextContent, ToolAnnotations
from pydantic import BaseModel

SAFE = ToolAnnotations(read_only_hint=True)
server = MCPServer("Live")


class Shop(BaseModel):
    """A shop."""

    shop_id: str
    name: str
    rating: float


class Shops(BaseModel):
    """Shops of a city."""

    city: str
    shops: list[Shop]


class Hours(BaseModel):
    """When a shop is open."""

    shop_id: str
    opens: str
    closes: str


def find_shops(city: str) -> Shops:
    """Find the shops of a city."""
    tag = city[:3].upper()
    shops = [Shop(shop_id=f"REAL-{tag}-{number}", name=f"{city} Books {number}", rating=4.5) for number in (1, 2)]
    return Shops(city=city, shops=shops)


def get_hours(shop_id: str) -> Hours:
    """Get the opening hours of a shop."""
    if not shop_id.startswith("REAL-"):
        raise LookupError(f"there is no shop {shop_id}")
    return Hours(shop_id=shop_id, opens="09:30", closes="18:45")


def create_note(text: str) -> dict[str, Any]:
    """Create a note."""
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as notes:
        notes.write(f"{text}\n")
    return {"note_id": "NOTE-1", "text": text}


def fail(city: str) -> str:
    """Report an error."""
    raise ValueError(f"nothing is known of {city}, says {os.environ.get('LIVE_KEY', 'nobody')}")


def hang(city: str) -> str:
    """Never answer."""
    threading.Event().wait()
    return city


def die(city: str) -> str:
    """End the process."""
    sys.stderr.write("my last words\n")
    sys.stderr.flush()
    os._exit(3)


def huge(city: str) -> str:
    """Return ten megabytes."""
    return city[:1] * 10_000_000


def no_json(city: str) -> object:
    """Return what is no JSON."""
    return object()


def no_number(city: str) -> float:
    """Return what JSON does not know."""
    return float("nan")


def leave(city: str) -> None:
    """Leave, as scripts do."""
    sys.exit(city)


def noisy(city: str) -> str:
    """Print."""
    print(f'{{"result": "{city}"}}')  # noqa: T201
    return "quiet"


async def later(city: str) -> str:
    """Answer when awaited."""
    return city


def as_text(city: str) -> list[TextContent]:
    """Answer in words."""
    return [TextContent(type="text", text=f"It is sunny in {city}.")]


def as_json_text(city: str) -> list[TextContent]:
    """Answer with a text that is JSON."""
    return [TextContent(type="text", text=f'{{"city": "{city}"}}')]


def as_image(city: str) -> list[ImageContent]:
    """Answer with a picture."""
    return [ImageContent(type="image", data="AAAA", mime_type="image/png")]


for safe in (find_shops, get_hours, fail, hang, die, huge):
    server.tool(annotations=SAFE)(safe)
for text in (as_text, as_json_text, as_image):
    server.tool(annotations=SAFE, structured_output=False)(text)
server.tool()(create_note)

if __name__ == "__main__":
    if "STARTS" in os.environ:
        with Path(os.environ["STARTS"]).open("a", encoding="utf-8") as starts:
            starts.write("started\n")
    if len(sys.argv) > 1:
        server.run(transport="streamable-http", port=int(sys.argv[1]))
    else:
        server.run(transport="stdio")
