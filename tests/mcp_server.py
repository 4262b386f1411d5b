"""A small MCP server of ours, over stdio or, with a port as argument, over streamable HTTP."""

import sys
from typing import Annotated

from mcp.server import MCPServer
from pydantic import BaseModel, Field


class Forecast(BaseModel):
    """A weather forecast."""

    city: str
    temperature: float = Field(description="In degrees Celsius.")


server = MCPServer("Weather & Co")


@server.tool()
def get_forecast(city: Annotated[str, Field(description="Name of the city.")], days: int = 1) -> Forecast:
    """The forecast for a city."""
    return Forecast(city=city, temperature=21.0 + days)


@server.tool()
def list_cities() -> list[str]:
    """Every city there is a forecast for."""
    return ["Lisbon"]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run(transport="streamable-http", port=int(sys.argv[1]))
    else:
        server.run(transport="stdio")
