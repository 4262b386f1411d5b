"""Live MCP servers: ours over both transports, one of the package index where it is installed, and none at all."""

import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolflow.config import Config
from toolflow.errors import CatalogError, ConfigError
from toolflow.importing import import_tools
from toolflow.importing.connection import Place
from toolflow.importing.server import ask_server

SERVER = Path(__file__).with_name("mcp_server.py")
PUBLIC = shutil.which("mcp-server-time")


def stdio(*words: str | Path) -> str:
    """The address of a server that a command starts."""
    return "stdio:" + shlex.join(map(str, words))


@pytest.fixture(scope="module")
def http() -> Iterator[str]:
    """The address of our server over streamable HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(SERVER), str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "running on" in line:
                break
        yield f"http://127.0.0.1:{port}/mcp"
        process.terminate()


@pytest.fixture(params=["stdio", "http"])
def address(request: pytest.FixtureRequest) -> str:
    """Our server over each transport."""
    return stdio(sys.executable, SERVER) if request.param == "stdio" else request.getfixturevalue("http")


def test_our_server_is_asked(address):
    """Names, parameters and the schema of results, over stdio and over streamable HTTP."""
    result = import_tools([address], Config(), ask_server())
    assert [name for name, _tool in result.tools] == ["get_forecast", "list_cities"]
    tool = result.tools[0][1].line("x").decode()
    assert '"temperature":{"type":"number","description":"In degrees Celsius."}' in tool
    assert '"source":"MCP server Weather & Co tools[0]","category":"weather_co"' in tool
    assert not result.report.repaired


@pytest.mark.skipif(not PUBLIC, reason="mcp-server-time, a public server, is not installed")
def test_a_public_server_is_asked():
    """The reference server for time zones."""
    result = import_tools([stdio(PUBLIC or "")], Config(), ask_server())
    assert sorted(name for name, _tool in result.tools) == ["convert_time", "get_current_time"]


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        ("stdio:no-such-command-here", CatalogError, "there is no such command"),
        (
            stdio(sys.executable, "-c", "import sys; sys.exit('\x1b[31mno key')"),
            CatalogError,
            r"Connection closed \(it said: \[31mno key\)",
        ),
        ("http://127.0.0.1:9/mcp", CatalogError, "does not answer as an MCP server"),
        ("stdio:", ConfigError, "names no command"),
        ("stdio:'", ConfigError, "cannot be split"),
    ],
    ids=["no command", "fails", "nobody there", "empty", "quote"],
)
def test_a_server_that_does_not_answer(address, error, said):
    """One line, with the last words of a server that was started."""
    with pytest.raises(error, match=said) as caught:
        import_tools([address], Config(), ask_server())
    assert "\n" not in str(caught.value)


def test_a_server_that_is_no_mcp_server(http):
    """An address where something else answers."""
    with pytest.raises(CatalogError, match="does not answer as an MCP server"):
        import_tools([http.replace("/mcp", "/elsewhere")], Config(), ask_server())


def test_secrets_stay_out_of_names():
    """Neither a token in a URL nor one on a command line is shown; a token is not sent in the clear."""
    assert Place.read("https://me:secret@example.com/mcp?key=secret#x").name == "https://example.com/mcp"
    assert Place.read("stdio:env KEY=secret server").name == "stdio:env"
    assert Place.read("stdio:/usr/bin/python /srv/weather.py --key secret").name == "stdio:python weather.py"
    with pytest.raises(ConfigError, match=r"http://example\.com/mcp: a token is not sent over plain http"):
        import_tools(["http://example.com/mcp"], Config(), ask_server("secret"))
