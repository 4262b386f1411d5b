"""The cache of answers: what was paid for once is not paid for again, and nothing about it can fail a run."""

import asyncio
import hashlib
import json
import logging
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.endpoint import Endpoint, served
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.cli import run
from toolflow.config import Config, LLMConfig
from toolflow.errors import RecordError
from toolflow.llm import LLMCastMaker, make_llm_cast
from toolflow.llm.answer_cache import PACE, CachedModel, _Known, _read, _written
from toolflow.llm.answer_store import KEEP_DAYS, NAME, AnswerStore
from toolflow.llm.chat import ChatAnswer, ChatRequest, Usage, WireCall
from toolflow.llm.purse import Tokens
from toolflow.pools import Features
from toolflow.records import KEPT, MANIFEST, Manifest

KEY = "sk-very-secret-0123456789"
PASSWORD = "hunter2-very-secret"
QUESTION = ChatRequest("user", [{"role": "system", "content": "Speak."}], {"type": "object"}, [{"a": 1}], 7)


class Model:
    """Answers with a number that grows, or as it is told; remembers what it was asked."""

    def __init__(self, name: str = "m", answers: Sequence[ChatAnswer | Exception] = ()) -> None:
        self.name = name
        self.asked: list[ChatRequest] = []
        self.answers = list(answers)
        self.gate: asyncio.Event | None = None
        """When given, answers wait for it."""

    async def ask(self, request: ChatRequest, usage: Usage) -> ChatAnswer:
        self.asked.append(request)
        answer = self.answers.pop(0) if self.answers else ChatAnswer(f"answer {len(self.asked)}")
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(answer, Exception):
            usage.failed(request.role)
            raise answer
        usage.answered(request.role, Tokens(100, 10))
        return answer

    def hold(self) -> int:
        return 0

    async def aclose(self) -> None:
        pass


class Session:
    """A cached model on a file, for one event loop."""

    def __init__(self, folder: Path, model: Model | None = None, **options: Any) -> None:
        self.model = model or Model()
        self.endpoint = options.pop("endpoint", "http://here/v1")
        self.config = options.pop("config", LLMConfig())
        self.store = AnswerStore(folder / NAME, **options)
        self.usage = Usage()

    def run(self, *requests: ChatRequest) -> list[ChatAnswer]:
        """Ask one after the other, then close."""

        async def ask(cached: CachedModel) -> list[ChatAnswer]:
            return [await cached.ask(request, self.usage) for request in requests]

        return self.go(ask)

    def go(self, work: Callable[[CachedModel], Coroutine[Any, Any, Any]]) -> Any:
        """Do something with the model, then close."""

        async def whole() -> Any:
            cached = CachedModel(self.model, self.endpoint, self.config, self.store)
            try:
                return await work(cached)
            finally:
                await cached.aclose()
                await self.store.aclose()

        return asyncio.run(whole())


def rows(folder: Path) -> int:
    """How many answers are kept."""
    database = sqlite3.connect(folder / NAME)
    try:
        return int(database.execute("SELECT count(*) FROM answers").fetchone()[0])
    finally:
        database.close()


def test_an_answer_is_paid_for_once(tmp_path: Path) -> None:
    """The next one comes from the file, in the same run and in another."""
    first, second = Session(tmp_path), Session(tmp_path)
    assert first.run(QUESTION, QUESTION) == [ChatAnswer("answer 1")] * 2
    assert second.run(QUESTION) == [ChatAnswer("answer 1")]
    assert (len(first.model.asked), len(second.model.asked)) == (1, 0)


def test_what_came_from_the_cache_is_counted_apart(tmp_path: Path) -> None:
    """No call and no token paid; what it once cost stands beside."""
    session = Session(tmp_path)
    session.run(QUESTION, QUESTION)
    paid = {"calls": 1, "prompt_tokens": 100, "completion_tokens": 10}
    saved = {"recalled": 1, "saved_prompt_tokens": 100, "saved_completion_tokens": 10}
    assert session.usage.by_role == {"user": paid | saved}


OTHERS: dict[str, dict[str, Any]] = {
    "messages": {"request": replace(QUESTION, messages=[{"role": "system", "content": "Speak!"}])},
    "schema": {"request": replace(QUESTION, schema=None)},
    "tools": {"request": replace(QUESTION, tools=())},
    "seed": {"request": replace(QUESTION, seed=8)},
    "model": {"model": Model("other")},
    "endpoint": {"endpoint": "http://there/v1"},
    "temperature": {"config": LLMConfig(temperature=0)},
    "max_tokens": {"config": LLMConfig(max_tokens=99)},
    "effort": {"config": LLMConfig(reasoning_effort="low")},
    "support by hand": {"config": LLMConfig(support=Features(structure="text"))},
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_question_has_another_answer(tmp_path: Path, what: str) -> None:
    """Everything that may change an answer is part of the question."""
    Session(tmp_path).run(QUESTION)
    other = Session(tmp_path, **{name: value for name, value in OTHERS[what].items() if name != "request"})
    other.run(OTHERS[what].get("request", QUESTION))
    assert len(other.model.asked) == 1


def test_how_and_by_whom_it_is_asked_does_not_matter(tmp_path: Path) -> None:
    """Role, timeout, retries: the same question."""
    Session(tmp_path).run(QUESTION)
    patient = LLMConfig(
        timeout=1,
        retries=1,
        retry_seconds=1,
        reasks=0,
        cache=False,
        prompts={"user": "mine.md"},
    )
    other = Session(tmp_path, config=patient)
    other.run(replace(QUESTION, role="tool"))
    assert not other.model.asked
    assert PACE.issubset(LLMConfig.model_fields)


REAL = [
    ChatAnswer("It is warm.\nÜber 20°, \x00 \ud800."),
    ChatAnswer("", (WireCall("a", '{"b": 1}'), WireCall("", "{broken")), "tool_calls"),
    ChatAnswer("Well", finish="length"),
    ChatAnswer("", finish="content_filter"),
    ChatAnswer("", refusal="I cannot help with that."),
    ChatAnswer(""),
    ChatAnswer("It is warm.", reasoning="Is it?"),
]


@pytest.mark.parametrize("answer", REAL, ids=["text", "calls", "length", "filter", "refusal", "empty", "thought"])
def test_whatever_was_paid_for_is_kept(tmp_path: Path, answer: ChatAnswer) -> None:
    """Answers that do not please too: the next question depends on them."""
    assert Session(tmp_path, Model(answers=[answer])).run(QUESTION) == [answer]
    again = Session(tmp_path)
    assert again.run(QUESTION) == [answer]
    assert not again.model.asked


@given(
    st.builds(
        ChatAnswer,
        st.text(st.characters()),
        st.lists(st.builds(WireCall, st.text(), st.text())).map(tuple),
        st.text(),
        st.none() | st.text(),
        st.none() | st.text(),
    ),
    st.integers(0, 10**9),
)
def test_an_answer_comes_back_as_it_was(answer: ChatAnswer, tokens: int) -> None:
    """Written and read, nothing changes."""
    known = _Known(answer, tokens, 2 * tokens)
    assert _read(_written(known)) == known


def test_answers_of_older_versions_stay(tmp_path: Path) -> None:
    """Under the key they were kept under, before there were thoughts, efforts and support by hand."""
    settings = LLMConfig().model_dump(mode="json", include={"temperature", "max_tokens"})
    question = [list(QUESTION.messages), QUESTION.schema, list(QUESTION.tools), QUESTION.seed]
    asked = ["http://here/v1", "m", sorted(settings.items()), *question]
    key = hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).digest()
    old = {"text": "<think>Hm.</think>Hi!", "calls": [], "finish": "stop", "refusal": None}
    session = Session(tmp_path)

    async def ask(cached: CachedModel) -> ChatAnswer:
        content = {"answer": old, "prompt_tokens": 1, "completion_tokens": 1}
        await session.store.write(key, json.dumps(content).encode())
        return await cached.ask(QUESTION, session.usage)

    assert session.go(ask) == ChatAnswer("Hi!", reasoning="Hm.")
    assert not session.model.asked


def test_an_error_is_no_answer(tmp_path: Path) -> None:
    """It is raised, paid attempts are counted, and the question is asked again."""
    session = Session(tmp_path, Model(answers=[RecordError("no"), ChatAnswer("yes")]))

    async def twice(cached: CachedModel) -> ChatAnswer:
        with pytest.raises(RecordError):
            await cached.ask(QUESTION, session.usage)
        return await cached.ask(QUESTION, session.usage)

    assert session.go(twice) == ChatAnswer("yes")
    assert session.usage.by_role["user"] == {"calls": 1, "prompt_tokens": 100, "completion_tokens": 10, "failed": 1}


async def until(condition: Callable[[], bool]) -> None:
    """Let others work until something holds."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


def test_equal_questions_under_way_are_asked_once(tmp_path: Path) -> None:
    """A hundred at once: one is paid for, ninety-nine join it."""
    session = Session(tmp_path)

    async def at_once(cached: CachedModel) -> list[ChatAnswer]:
        return await asyncio.gather(*(cached.ask(QUESTION, session.usage) for _ in range(100)))

    assert session.go(at_once) == [ChatAnswer("answer 1")] * 100
    assert len(session.model.asked) == 1
    assert (session.usage.by_role["user"]["calls"], session.usage.by_role["user"]["recalled"]) == (1, 99)


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_who_joined_a_question_that_came_to_nothing_asks_it(tmp_path: Path, end: str) -> None:
    """One record's failure or end is not another's."""
    session = Session(tmp_path, Model(answers=[RecordError("no")]))

    async def both(cached: CachedModel) -> ChatAnswer:
        session.model.gate = asyncio.Event()
        first = asyncio.create_task(cached.ask(QUESTION, Usage()))
        await until(lambda: bool(session.model.asked))
        second = asyncio.create_task(cached.ask(QUESTION, session.usage))
        await asyncio.sleep(0)
        if end == "cancelled":
            first.cancel()
        session.model.gate.set()
        await asyncio.wait([first])
        assert first.cancelled() or isinstance(first.exception(), RecordError)
        return await second

    assert session.go(both) == ChatAnswer("answer 2")


def test_an_answer_that_nobody_waits_for_any_more_is_kept(tmp_path: Path) -> None:
    """It was paid for when the run was told to stop."""
    session = Session(tmp_path)

    async def stop(cached: CachedModel) -> None:
        asked = asyncio.create_task(cached.ask(QUESTION, Usage()))
        await until(lambda: bool(session.model.asked))
        asked.cancel()
        await asyncio.wait([asked])

    session.go(stop)
    assert rows(tmp_path) == 1


def test_nothing_is_seen_before_it_is_kept(tmp_path: Path) -> None:
    """When an answer arrives, another connection finds it in the file already."""

    async def ask(cached: CachedModel) -> list[int]:
        found = []
        for seed in range(5):
            await cached.ask(replace(QUESTION, seed=seed), Usage())
            found.append(rows(tmp_path))
        return found

    assert Session(tmp_path).go(ask) == [1, 2, 3, 4, 5]


def test_old_answers_go(tmp_path: Path) -> None:
    """When the file is opened; younger ones stay."""
    now = time.time()
    for age, seed in ((KEEP_DAYS + 2, 1), (KEEP_DAYS + 1, 2), (KEEP_DAYS - 1, 3)):
        Session(tmp_path, clock=lambda age=age: now - age * 86_400).run(replace(QUESTION, seed=seed))
    session = Session(tmp_path)
    session.run(*(replace(QUESTION, seed=seed) for seed in (3, 2, 1)))
    assert [request.seed for request in session.model.asked] == [2, 1]


def foreign(path: Path) -> None:
    """Another program's database, which happens to have a table of the same name."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE answers (question TEXT, answer TEXT)")
    database.execute("PRAGMA user_version = 3")
    database.commit()
    database.close()


def garbled(path: Path) -> None:
    """A file of ours whose pages are noise, but for the first."""
    Session(path.parent).run(*(replace(QUESTION, seed=seed) for seed in range(100)))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


def without_table(path: Path) -> None:
    """A file of ours that somebody changed."""
    Session(path.parent).run(QUESTION)
    database = sqlite3.connect(path)
    database.execute("ALTER TABLE answers RENAME TO responses")
    database.close()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_bytes(b"not a database at all, but long enough to look at"),
    "header alone": lambda path: path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000),
    "garbled": garbled,
    "without its table": without_table,
    "foreign": foreign,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str) -> None:
    """With one warning; a new one is begun at once, and what it is given is kept."""
    DAMAGE[damage](tmp_path / NAME)
    before = (tmp_path / NAME).read_bytes()
    session = Session(tmp_path)
    assert session.run(QUESTION, QUESTION)
    assert len(session.model.asked) == 1
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "moved to answers-v1.sqlite.damaged" in caplog.text
    assert (tmp_path / f"{NAME}.damaged").read_bytes() == before
    caplog.clear()
    again = Session(tmp_path)
    again.run(QUESTION)
    assert not again.model.asked
    assert not caplog.records


@pytest.mark.parametrize("content", [b"\xa5" * 50_000, b""], ids=["noise", "nothing"])
def test_a_file_damaged_while_in_use_is_no_matter(tmp_path: Path, content: bytes) -> None:
    """Every answer arrives, in this run and in the next, which has a sound file again."""
    session = Session(tmp_path)

    async def ask(cached: CachedModel) -> list[ChatAnswer]:
        answers = [await cached.ask(QUESTION, Usage())]
        for name in (NAME, f"{NAME}-wal"):
            (tmp_path / name).write_bytes(content)
        return answers + [await cached.ask(replace(QUESTION, seed=seed), Usage()) for seed in range(8, 100)]

    assert len(session.go(ask)) == 93
    Session(tmp_path).run(replace(QUESTION, seed=8))
    again = Session(tmp_path)
    again.run(replace(QUESTION, seed=8))
    assert not again.model.asked


def test_a_damaged_row_is_asked_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And replaced."""
    Session(tmp_path).run(QUESTION)
    database = sqlite3.connect(tmp_path / NAME)
    database.execute("UPDATE answers SET content = '{}'")
    database.commit()
    database.close()
    for paid in (1, 0):
        session = Session(tmp_path)
        session.run(QUESTION)
        assert len(session.model.asked) == paid
    assert len(caplog.records) == 1


@pytest.mark.parametrize("obstacle", ["file", "folder"])
def test_where_nothing_can_be_kept_the_run_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, obstacle: str
) -> None:
    """A file where the folder should be, a folder where the file should be: one warning, every answer."""
    folder = tmp_path / "cache"
    if obstacle == "file":
        folder.write_text("in the way")
    else:
        (folder / NAME).mkdir(parents=True)
    session = Session(folder)
    assert session.run(QUESTION, QUESTION) == [ChatAnswer("answer 1"), ChatAnswer("answer 2")]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "answers are not kept" in caplog.text


def test_a_full_disk_is_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What does not fit is not kept: one warning, and every answer arrives."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    session = Session(tmp_path, Model(answers=[ChatAnswer("x" * 30_000) for _ in range(8)]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        answers = session.run(*(replace(QUESTION, seed=seed) for seed in range(8)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(answers) == 8
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    after = Session(tmp_path)
    after.run(replace(QUESTION, seed=0))
    assert not after.model.asked


def test_several_processes_on_one_file(tmp_path: Path) -> None:
    """They begin at once on a file that is not there yet; nothing is lost, nothing warned of."""
    script = f"""
import asyncio, sys
from pathlib import Path
from toolflow.llm.answer_store import AnswerStore

async def fill(number):
    store = AnswerStore(Path({str(tmp_path)!r}) / {NAME!r})
    keys = [b"%d-%d" % (number, n) for n in range(100)]
    for start in range(0, 100, 10):
        await asyncio.gather(*(store.write(key, key) for key in keys[start:start + 10]))
    assert [await store.read(key) for key in keys] == keys
    await store.aclose()

sys.stdin.readline()
asyncio.run(fill(int(sys.argv[1])))
"""
    command = [sys.executable, "-c", script]
    writers = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for n in range(4)
    ]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [""] * 4
    assert rows(tmp_path) == 400


def test_a_cast_is_cached_when_told_where(tmp_path: Path) -> None:
    """A folder makes the difference; nothing is opened before the first question."""

    async def close(maker: LLMCastMaker) -> None:
        await maker.aclose()

    for cache, kind in ((None, "ModelClient"), (tmp_path / "none", "CachedModel")):
        maker = make_llm_cast("m", "http://127.0.0.1:1/v1", KEY, LLMConfig(), cache=cache)
        assert [type(model).__name__ for model in maker.models] == [kind]
        asyncio.run(close(maker))
    assert not list(tmp_path.iterdir())


# From here on: the real command, a real endpoint on loopback.


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for this test."""
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """One that knows all tools from the start, so that what it answers depends on the question alone."""
    with served(Endpoint(tools=read_catalog([packaged_tools()], Config().catalog).tools, latency=0.01)) as endpoint:
        yield endpoint


def command(graph: Path, out: Path, url: str, *options: str) -> list[str]:
    """Arguments of a run of twelve dialogues, four at a time."""
    return [
        *("synthesize", "-n", "12", "--graph", str(graph), "-o", str(out), "--concurrency", "4"),
        *("--model", "m", "--base-url", url, *options),
    ]


def dialogues(out: Path) -> list[Any]:
    """What a run wrote, by index, without what it cost."""
    records = [json.loads(line) for line in (out / KEPT).read_bytes().splitlines()]
    for record in records:
        del record["meta"]["usage"]
    return sorted(records, key=lambda record: record["meta"]["index"])


def totals(out: Path) -> Counter[str]:
    """The account of a run over all roles."""
    counted: Counter[str] = Counter()
    for account in Manifest.model_validate_json((out / MANIFEST).read_bytes()).counts["usage"].values():
        counted.update(account)
    return counted


def bodies(endpoint: Endpoint) -> Counter[str]:
    """What an endpoint was asked, how often."""
    return Counter(json.dumps(body) for _, body in endpoint.requests)


def test_a_repeated_run_costs_nothing(
    graph: Path, tmp_path: Path, cache: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """No call, the same dialogues; a third run is the second to the byte, and the summary says it."""
    assert run(command(graph, tmp_path / "first", endpoint.url)) == 0
    paid = len(endpoint.requests)
    for name in ("second", "third"):
        assert run([*command(graph, tmp_path / name, endpoint.url), "--concurrency", "1"]) == 0
    assert len(endpoint.requests) == paid > 100
    assert dialogues(tmp_path / "first") == dialogues(tmp_path / "second")
    assert (tmp_path / "second" / KEPT).read_bytes() == (tmp_path / "third" / KEPT).read_bytes()
    first, second = totals(tmp_path / "first"), totals(tmp_path / "second")
    assert (first["calls"], first["recalled"]) == (paid, 0)
    assert (second["calls"], second["prompt_tokens"], second["recalled"]) == (0, 0, paid)
    assert second["saved_prompt_tokens"] == first["prompt_tokens"]
    assert f"model: 0 answers asked for, {paid:,} known from the cache" in capsys.readouterr().out
    assert rows(cache) == paid


@pytest.mark.parametrize("way", ["flag", "setting"])
def test_without_the_cache_everything_is_asked_again(
    graph: Path, tmp_path: Path, cache: Path, endpoint: Endpoint, way: str
) -> None:
    """By ``--no-cache`` or by ``llm.cache``, and no file is made."""
    (tmp_path / "off.yaml").write_text("llm: {cache: false}\n")
    options = ["--no-cache"] if way == "flag" else ["--config", str(tmp_path / "off.yaml")]
    for name in ("first", "second"):
        assert run(command(graph, tmp_path / name, endpoint.url, *options)) == 0
    assert set(bodies(endpoint).values()) == {2}
    assert not (cache / NAME).exists()


def test_a_run_may_be_continued_with_the_cache_off(
    graph: Path, tmp_path: Path, cache: Path, endpoint: Endpoint
) -> None:
    """Whether answers are kept is no setting that makes other records."""
    (tmp_path / "off.yaml").write_text("llm: {cache: false}\n")
    arguments = command(graph, tmp_path / "run", endpoint.url)
    assert run(arguments) == 0
    assert run([*arguments, "-n", "13", "--config", str(tmp_path / "off.yaml")]) == 0


def test_a_run_on_a_damaged_cache(
    graph: Path, tmp_path: Path, cache: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """A warning on the screen, every dialogue in the folder."""
    cache.mkdir()
    (cache / NAME).write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    assert run(command(graph, tmp_path / "run", endpoint.url)) == 0
    assert capsys.readouterr().err.count("moved to") == 1
    assert len(dialogues(tmp_path / "run")) == 12


def started(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    """The program as a process of its own."""
    program = [sys.executable, "-c", "from toolflow.cli import main; main()", *arguments]
    return subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ)


def test_killed_and_continued(graph: Path, tmp_path: Path, cache: Path, endpoint: Endpoint) -> None:
    """SIGKILL at eight moments: asked again is only what was under way then, and the dialogues are the same."""
    tools = read_catalog([packaged_tools()], Config().catalog).tools
    with served(Endpoint(tools=tools)) as undisturbed:
        assert run(command(graph, tmp_path / "whole", undisturbed.url, "--no-cache")) == 0
    arguments = command(graph, tmp_path / "run", endpoint.url)
    total, lost = len(undisturbed.requests), 0
    moments = [total * part // 9 for part in range(1, 9)]
    for moment in moments:
        process = started(arguments)
        while len(endpoint.requests) < moment + lost:
            assert process.poll() is None, process.communicate()[1]
            signal.sigtimedwait([], 0.0005)  # the other process has the processor
        process.kill()
        process.communicate(timeout=60)
        lost = len(endpoint.requests) - len(bodies(endpoint))
    assert run(arguments) == 0
    assert set(bodies(endpoint)) == set(bodies(undisturbed))
    assert bodies(undisturbed).total() == len(bodies(undisturbed))
    assert total < len(endpoint.requests) <= total + 4 * len(moments)
    assert rows(cache) == total
    assert dialogues(tmp_path / "run") == dialogues(tmp_path / "whole")


def test_no_secret_is_written(graph: Path, tmp_path: Path, cache: Path, endpoint: Endpoint) -> None:
    """Neither the key nor the password in the base URL stands in the cache or in the run, nor changes a question."""
    url = endpoint.url.replace("http://", f"http://me:{PASSWORD}@")
    environment = os.environ | {"OPENAI_API_KEY": KEY}
    program = [sys.executable, "-c", "from toolflow.cli import main; main()"]
    arguments = command(graph, tmp_path / "run", url, "-vv")
    done = subprocess.run([*program, *arguments], env=environment, capture_output=True, check=False)
    said = done.stdout + done.stderr
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not [secret for secret in (KEY, PASSWORD) if secret.encode() in written + said]
    assert rows(cache) == len(endpoint.requests) > 100
