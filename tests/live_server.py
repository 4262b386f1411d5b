"""`tests.live_functions` behind an MCP server, over stdio or, with a port as argument, over streamable HTTP.

Each start adds the process's number to the file that ``STARTS`` names.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ImageContent, TextContent, ToolAnnotations

from tests.live_functions import create_note, die, find_shops, get_opening_hours, hang

SAFE = ToolAnnotations(read_only_hint=True)
server = MCPServer("Live")


def as_text(city: str) -> list[TextContent]:
    """Answer in words."""
    return [TextContent(type="text", text=f"It is sunny in {city}, says {os.environ.get('LIVE_KEY', 'nobody')}.")]


def as_json_text(city: str) -> list[TextContent]:
    """Answer with a text that is JSON."""
    return [TextContent(type="text", text=f'{{"city": "{city}"}}')]


def as_image(city: str) -> list[ImageContent]:
    """Answer with a picture."""
    return [ImageContent(type="image", data="AAAA", mime_type="image/png")]


def fail(city: str) -> str:
    """Report an error."""
    raise ToolError(f"nothing is known of {city}, says {os.environ.get('LIVE_KEY', 'nobody')}")


def fail_in_json(city: str) -> CallToolResult:
    """Report an error of its own form."""
    said = TextContent(type="text", text=f'{{"error": {{"status": 404, "city": "{city}"}}}}')
    return CallToolResult(content=[said], is_error=True)


def huge(city: str) -> str:
    """Return far too much."""
    return city[:1] * 100_000


for safe in (find_shops, get_opening_hours, hang, die, fail, huge):
    server.tool(annotations=SAFE)(safe)
for text in (fail_in_json, as_text, as_json_text, as_image):
    server.tool(annotations=SAFE, structured_output=False)(text)
server.tool()(create_note)
server.tool("break")(die)

if __name__ == "__main__":
    if "STARTS" in os.environ:
        with Path(os.environ["STARTS"]).open("a", encoding="utf-8") as starts:
            starts.write(f"{os.getpid()}\n")
    if len(sys.argv) > 1:
        server.run(transport="streamable-http", port=int(sys.argv[1]))
    else:
        server.run(transport="stdio")
