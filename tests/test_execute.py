"""Real tools: what they answer is taken as it is, what is no answer is said, and nothing hangs or stays behind."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mcp.types import CONNECTION_CLOSED, REQUEST_TIMEOUT

from tests.conftest import ROOT
from toolflow.cast import Executed, ToolView
from toolflow.config import ExecuteConfig
from toolflow.errors import ConfigError, DialogueError, ToolUnavailable
from toolflow.execute import ExecutingCastMaker, Execution
from toolflow.execute.tool import ExecutingTool
from toolflow.importing.connection import CLOSED, TIMED_OUT
from toolflow.schema import Tool
from toolflow.selfplay import make_selfplay_cast

FUNCTIONS = "tests.live_functions"
SERVER = Path(__file__).with_name("live_server.py")
COMMAND = [sys.executable, str(SERVER)]
PUBLIC = shutil.which("mcp-server-time")
KEY = "hunter2-very-secret"
PATIENT = 60.0
SHOPS = {
    "city": "Oslo",
    "shops": [
        {"shop_id": "REAL-OSL-1", "name": "Oslo Books 1", "rating": 4.5},
        {"shop_id": "REAL-OSL-2", "name": "Oslo Books 2", "rating": 4.5},
    ],
}
NOTHING_KNOWN = "nothing is known of Oslo, says ***"
NAMES = (
    "find_shops get_opening_hours create_note fail hang die huge no_json no_number endless half deep leave noisy later "
    "as_text as_json_text as_image fail_in_json break"
).split()


def tool(name: str) -> Tool:
    """A tool of the catalog; only its name matters."""
    return Tool(name=name, description="", parameters={"type": "object", "properties": {"city": {"type": "string"}}})


CATALOG = [tool(name) for name in NAMES]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Functions are imported from the folder a command is started in."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("LIVE_KEY", KEY)
    monkeypatch.setenv("STARTS", str(tmp_path / "starts"))
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))


def with_real(settings: Mapping[str, Any], use: Callable[[Execution], Awaitable[Any]], catalog: Any = CATALOG) -> Any:
    """What comes of using these real tools."""

    async def go() -> Any:
        execution = Execution(ExecuteConfig.model_validate(settings), catalog, os.environ)
        try:
            await execution.start()
            return await use(execution)
        finally:
            await execution.aclose()

    return asyncio.run(go())


async def outcome(execution: Execution, name: str, **arguments: Any) -> Any:
    """The result of a call, or the reason why there is none."""
    try:
        return await execution.call(name, arguments or {"city": "Oslo"})
    except (DialogueError, ToolUnavailable) as error:
        return str(error)


def functions(*names: str, timeout: float = PATIENT, **more: Any) -> dict[str, Any]:
    """Settings that name functions of these names."""
    return {"python": {name: f"{FUNCTIONS}:{name}" for name in names}, "timeout": timeout, **more}


def server(timeout: float = PATIENT, **more: Any) -> dict[str, Any]:
    """Settings that name the server."""
    place = {"command": COMMAND, "env": ["STARTS", "NOTES", "LIVE_KEY"]}
    return {"mcp": [place | more.pop("place", {})], "timeout": timeout, **more}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("find_shops", SHOPS),
        ("later", "Oslo"),
        ("noisy", "Oslo"),
        ("fail", {"error": {"type": "ValueError", "message": NOTHING_KNOWN}}),
        ("leave", {"error": {"type": "SystemExit", "message": "Oslo"}}),
        ("huge", "huge, called for real: returned 10,000,002 bytes, more than the 20,000 of execute.max_bytes"),
        ("no_number", "no_number, called for real: returned no JSON value: NaN is not JSON"),
        ("die", "die, called for real: its process ended (it said: my last words)"),
        ("deep", "deep, called for real: returned a value nested more than 64 levels deep"),
    ],
    ids=lambda value: value if value in NAMES else "",
)
def test_what_a_function_answers(name: str, expected: Any) -> None:
    """Values and errors as they are; what is no result is named, and the next call is answered all the same."""

    async def use(execution: Execution) -> Any:
        return [await outcome(execution, name), await outcome(execution, "find_shops")]

    assert with_real(functions(name, "find_shops"), use) == [expected, SHOPS]


@pytest.mark.parametrize("name", ["no_json", "endless", "half"])
def test_what_is_no_json(name: str) -> None:
    """An object, a circle, half a character: none is a result."""
    found = with_real(functions(name), lambda execution: outcome(execution, name))
    assert found.startswith(f"{name}, called for real: returned no JSON value: ")


def test_a_function_that_hangs_is_killed() -> None:
    """At the time limit of a call, its process with it; the next call has a process of its own."""

    async def use(execution: Execution) -> Any:
        hung = await outcome(execution, "hang")
        process = execution._functions._processes[0]
        first = process._process
        assert first is not None
        await first.wait()
        process.config = process.config.model_copy(update={"timeout": PATIENT})
        return hung, first.returncode, await outcome(execution, "find_shops")

    said, code, after = with_real(functions("hang", "find_shops", timeout=0.2), use)
    assert said == "hang, called for real: did not answer within 0.2 seconds"
    assert (code, after) == (-9, SHOPS)


def test_calls_run_side_by_side_in_processes() -> None:
    """One that hangs holds up the others only where there is one process."""

    async def use(execution: Execution) -> Any:
        hanging = asyncio.create_task(outcome(execution, "hang"))
        await asyncio.sleep(0)
        found = await outcome(execution, "find_shops")
        hanging.cancel()
        with suppress(asyncio.CancelledError):
            await hanging
        return found, await outcome(execution, "find_shops")  # that process was killed as well

    assert with_real(functions("hang", "find_shops", processes=2), use) == (SHOPS, SHOPS)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("no_such_module:find_shops", "No module named 'no_such_module'"),
        (f"{FUNCTIONS}:find_ships", "has no attribute 'find_ships'"),
        (f"{FUNCTIONS}:NUMBER", "it cannot be called"),
        ("antigravitas.flight:up", "No module named"),
    ],
)
def test_a_function_that_cannot_be_imported(target: str, said: str) -> None:
    """One line, before the first record."""
    with pytest.raises(ConfigError, match=said) as caught:
        with_real({"python": {"find_shops": target}}, lambda execution: outcome(execution, "find_shops"))
    assert str(caught.value).startswith(f"execute.python.find_shops: {target} cannot be used: ")
    assert "\n" not in str(caught.value)


def test_a_module_that_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what its last words were."""
    (tmp_path / "broken.py").write_text("import os\nos.write(2, b'no licence')\nos._exit(1)\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"cannot be imported: its process ended \(it said: no licence\)"):
        with_real({"python": {"find_shops": "broken:f"}}, lambda execution: outcome(execution, "find_shops"))


def test_what_a_server_answers() -> None:
    """Structured content, texts that are JSON and others; errors as the tool put them; no pictures, nothing huge."""

    async def use(execution: Execution) -> Any:
        assert execution.withheld == ["create_note", "break"]
        names = [name for name in execution.tools if name not in ("hang", "die", "get_opening_hours")]
        return {name: await outcome(execution, name) for name in names}

    assert with_real(server(), use) == {
        "find_shops": SHOPS,
        "huge": "huge, called for real: returned 100,013 bytes, more than the 20,000 of execute.max_bytes",
        "fail": {
            "error": {"type": "tool_error", "message": "Error executing tool fail: nothing is known of Oslo, says ***"}
        },
        "fail_in_json": {"error": {"status": 404, "city": "Oslo"}},
        "as_text": "It is sunny in Oslo, says ***.",
        "as_json_text": {"city": "Oslo"},
        "as_image": "as_image, called for real: answered with content of type image, which is no JSON",
    }


def test_a_tool_with_side_effects_is_called_only_when_allowed(tmp_path: Path) -> None:
    """Its server does not call it read-only, so the config has to name it."""

    async def use(execution: Execution) -> Any:
        assert "break" not in execution.tools
        return await outcome(execution, "create_note", text="buy milk")

    assert with_real(server(allow=["create_note"]), use) == {"note_id": "NOTE-1", "text": "buy milk"}
    assert (tmp_path / "notes").read_text() == "buy milk\n"


def test_a_server_that_died_is_started_again(tmp_path: Path) -> None:
    """One process for all calls; a call it died of is made again only where the tool has no side effects."""
    started = tmp_path / "starts"

    async def use(execution: Execution) -> Any:
        counts = []
        for name in ("find_shops", "find_shops", "break", "find_shops", "die", "find_shops"):
            counts.append((await outcome(execution, name), len(started.read_text().split())))
        return counts

    died = "called for real: its server ended during the call"
    assert with_real(server(allow=["break"]), use) == [
        (SHOPS, 1),
        (SHOPS, 1),
        (f"break, {died}", 1),
        (SHOPS, 2),
        (f"die, {died}", 3),
        (SHOPS, 4),
    ]
    for number in started.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(number), 0)


def test_a_server_that_hangs() -> None:
    """The call ends at its time limit, and other calls are answered."""

    async def use(execution: Execution) -> Any:
        said = await outcome(execution, "hang")
        execution._servers[0].timeout = PATIENT
        return said, await outcome(execution, "find_shops")

    assert with_real(server(timeout=0.2), use) == ("hang, called for real: did not answer within 0.2 seconds", SHOPS)


def test_a_server_over_http_that_is_gone() -> None:
    """It answers like one over stdio; once it is gone, the run cannot go on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/mcp"
    with subprocess.Popen([*COMMAND, str(port)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as live:
        assert live.stderr is not None
        assert any("running on" in line for line in live.stderr)

        async def use(execution: Execution) -> Any:
            before = await outcome(execution, "find_shops")
            live.kill()
            live.wait()
            return before, await outcome(execution, "find_shops")

        before, after = with_real({"mcp": [{"url": url}]}, use)
    assert before == SHOPS
    assert after.startswith(f"{url}: was lost, and does not answer as an MCP server: ")


@pytest.mark.skipif(not PUBLIC, reason="mcp-server-time, a public server, is not installed")
def test_a_public_server() -> None:
    """The reference server for time zones, as anybody runs it."""

    async def use(execution: Execution) -> Any:
        times = {"source_timezone": "Etc/UTC", "time": "08:15", "target_timezone": "Asia/Tokyo"}
        return await outcome(execution, "convert_time", **times)

    found = with_real({"mcp": [{"command": [PUBLIC]}]}, use, [tool("convert_time")])
    assert found["target"]["datetime"].endswith("T17:15:00+09:00")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (functions("find_ships"), r"execute\.python\.find_ships: there is no such tool in the catalog"),
        ({"mcp": [{"command": ["no-such-command-here"]}]}, r"execute\.mcp: .*cannot be started: there is no such"),
        ({"mcp": [{"command": COMMAND, "env": ["NOT_SET"]}]}, r"mcp\[0\]: the environment variable NOT_SET is not set"),
        ({"mcp": [{"url": "http://127.0.0.1:9/mcp"}]}, r"http://127\.0\.0\.1:9/mcp: does not answer as an MCP server"),
        ({"mcp": [{"url": "http://example.com/mcp", "key_env": "LIVE_KEY"}]}, "a token is not sent over plain http"),
        (server(allow=["create_nte"]), r"execute\.allow: no MCP server of the settings has a tool 'create_nte'"),
        (server(place={"tools": ["find_ships"]}), "has no tool 'find_ships'"),
        (functions("find_shops") | server(), "find_shops would be answered twice, by stdio:"),
    ],
    ids=["no tool", "no command", "no variable", "nobody there", "token", "allow", "tools", "twice"],
)
def test_settings_that_cannot_be_met(settings: dict[str, Any], said: str) -> None:
    """One line before the first record, without secrets."""
    with pytest.raises(ConfigError, match=said) as caught:
        with_real(settings, lambda execution: outcome(execution, "find_shops"))
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)


def test_two_places_for_one_name_are_told_apart() -> None:
    """``tools`` of a server says what is called there, and by which name the catalog knows it."""
    settings = functions("find_shops") | server(place={"tools": {"as_text": "as_text", "later": "as_json_text"}})

    async def use(execution: Execution) -> Any:
        return execution.tools, await outcome(execution, "later")

    assert with_real(settings, use) == (["find_shops", "as_text", "later"], {"city": "Oslo"})


def test_a_server_of_other_tools() -> None:
    """It says where a catalog of them comes from."""
    with pytest.raises(ConfigError, match=r"none of its 12 tools is in the catalog; 'toolflow import' makes"):
        with_real(server(), lambda execution: outcome(execution, "later"), [tool("later")])


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install."""
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(
        ConfigError, match=r"calling an MCP server needs the package 'mcp': pip install 'toolflow\[mcp\]'"
    ):
        Execution(ExecuteConfig.model_validate(server()), CATALOG, os.environ)


def test_the_codes_are_those_of_the_package() -> None:
    """Of its own errors."""
    assert (CLOSED, TIMED_OUT) == (CONNECTION_CLOSED, REQUEST_TIMEOUT)


class Recorder:
    """Real tools and a simulator that remember what they were asked."""

    tools = ("find_shops",)

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        self.asked.append((tool, arguments))
        return {"real": True}

    async def answer(self, view: ToolView) -> Any:
        return {"simulated": view.tool.name}


def answered(name: str, arguments: dict[str, Any]) -> tuple[Any, list[Any]]:
    """What a call gets, and what reached the real tool."""
    recorder = Recorder()
    view = ToolView(tool(name), arguments, (), date(2026, 5, 14))
    return asyncio.run(ExecutingTool(recorder, recorder).answer(view)), recorder.asked


def test_only_named_tools_answer_for_themselves() -> None:
    """The others are simulated."""
    assert answered("find_shops", {"city": "Oslo"}) == (
        Executed({"real": True}),
        [("find_shops", {"city": "Oslo"})],
    )
    assert answered("later", {"city": "Oslo"}) == ({"simulated": "later"}, [])


def test_arguments_that_do_not_fit_reach_no_tool() -> None:
    """They are answered as a real service would, and that is no real result."""
    result, asked = answered("find_shops", {"city": 3})
    assert result == {
        "error": {"status": 422, "type": "invalid_argument", "message": 'city: 3 is not of type "string"'}
    }
    assert not asked


def test_the_cast_is_the_same_but_for_its_tool() -> None:
    """Whatever cast it is."""
    plain, cast = make_selfplay_cast(Random(1)), ExecutingCastMaker(make_selfplay_cast, Recorder())(Random(1))
    assert isinstance(cast.tool, ExecutingTool)
    assert (cast.name, cast.models, type(cast.user)) == (plain.name, plain.models, type(plain.user))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"python": {"x": "os.system"}}, "pattern"),
        ({"python": {"x": "os:system('ls')"}}, "pattern"),
        ({"mcp": [{}]}, "a command or a url, and not both"),
        ({"mcp": [{"command": ["x"], "url": "http://a.example/mcp"}]}, "a command or a url, and not both"),
        ({"mcp": [{"command": []}]}, "at least 1 item"),
        ({"mcp": [{"command": [" "]}]}, "the words of a command line"),
        ({"mcp": [{"command": "python server.py"}]}, "valid tuple"),
        ({"mcp": [{"command": ["x", "--key=sk-0123456789abcdef0123"]}]}, "what looks like a key"),
        ({"mcp": [{"command": ["x"], "key_env": "MY_KEY"}]}, "key_env goes with a url"),
        ({"mcp": [{"url": "http://a.example/mcp", "env": ["MY_KEY"]}]}, "env goes with a command"),
        ({"mcp": [{"url": "http://me:secret@a.example/mcp"}]}, "no user, password or query"),
        ({"timeout": 0}, "greater than 0"),
        ({"max_bytes": float("inf")}, "finite"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], said: str) -> None:
    """Refused when they are read."""
    with pytest.raises(ValueError, match=said):
        ExecuteConfig.model_validate(settings)


def test_a_command_line_is_not_written_down() -> None:
    """Only the program and what it runs: the rest may hold anything."""
    settings = {"mcp": [{"command": ["/usr/bin/python", "/srv/weather.py", "--password", KEY]}]}
    dumped = json.dumps(ExecuteConfig.model_validate(settings).model_dump(mode="json"))
    assert '["python", "weather.py"]' in dumped
    assert KEY not in dumped
