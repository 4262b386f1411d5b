"""The graph of the packaged catalog, built once and then read from the cache folder."""

import hashlib
import logging

import orjson

import toolflow
from toolflow.cache import cache_folder
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import Config
from toolflow.encoder import make_encoder
from toolflow.errors import GraphError, OutputError
from toolflow.graph.build import Progress, build_graph
from toolflow.graph.file import VERSION, load_graph, save_graph
from toolflow.graph.tool_graph import ToolGraph

logger = logging.getLogger(__name__)


def packaged_graph(config: Config, progress: Progress | None = None) -> ToolGraph:
    """The packaged catalog's graph under these settings.

    It is read from the cache when catalog, graph settings, encoder and version are those of a graph
    built before, and built (and kept) otherwise. A cache that cannot be used costs time and a warning.
    """
    catalog = read_catalog([packaged_tools()], config.catalog)
    encoder = make_encoder(config.encoder)
    key = [catalog.digest(), config.graph.model_dump(mode="json"), encoder.name, toolflow.__version__, VERSION]
    name = hashlib.sha256(orjson.dumps(key)).hexdigest()[:24]
    path = cache_folder() / f"packaged-graph-{name}.npz"
    if path.exists():
        try:
            return load_graph(path)
        except GraphError as error:
            logger.warning("%s", error)
    graph = build_graph(catalog, encoder, config.graph, progress)
    try:
        save_graph(graph, path)
    except OutputError as error:
        logger.warning("%s", error)
    return graph
