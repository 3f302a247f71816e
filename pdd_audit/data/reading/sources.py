"""The file kinds we read and the files we only name, as the YAML files in ``sources/`` describe them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from pdd_audit.core.headers import fold as fold  # whoever reads sources compares headers


def _folded(texts: Iterable[Any]) -> tuple[str, ...]:
    return tuple(fold(str(text)) for text in texts)


@dataclass(frozen=True)
class Signature:
    """Matches if all, one of each ``any`` list, ``at_least`` of ``of``, and none of ``none`` are among the headers."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    and_any: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    at_least: int = 0
    none: tuple[str, ...] = ()

    def matches(self, headers: frozenset[str]) -> bool:
        return (
            headers.issuperset(self.all)
            and (not self.any or not headers.isdisjoint(self.any))
            and (not self.and_any or not headers.isdisjoint(self.and_any))
            and len(headers.intersection(self.of)) >= self.at_least
            and headers.isdisjoint(self.none)
        )


def _signature(node: Mapping[str, Any]) -> Signature:
    lists = {key: _folded(node.get(key, ())) for key in ("all", "any", "and_any", "of", "none")}
    return Signature(at_least=int(node.get("at_least", 0)), **lists)


@dataclass(frozen=True)
class Source:
    """One layout of file: how it is recognised, which kind of rows it holds, which header feeds which column, what absence costs.

    ``rank``: sources are tried in this order, the narrow ones first. A layout whose files may mix platforms or shops maps ``platform`` and
    ``shop`` and gives ``only_platform``, texts of which the platform cell must hold one: rows of others are left out and counted.
    """

    id: str
    kind: str
    rank: int
    title: Mapping[str, str]
    download: Mapping[str, str]
    file_name: re.Pattern[str]
    signatures: tuple[Signature, ...]
    columns: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    absent: Mapping[str, str]
    metrics: tuple[str, ...]
    extra: Mapping[str, Any]

    @property
    def known_headers(self) -> frozenset[str]:
        return frozenset(header for headers in self.columns.values() for header in headers)


@dataclass(frozen=True)
class OtherFile:
    """A file we can name but do not read: another platform's, or a neighbour of ours. ``instead``: the source that takes its place."""

    id: str
    title: Mapping[str, str]
    signature: Signature
    foreign: bool
    instead: str = "pdd_orders"


@cache
def _read(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files(__package__).joinpath("sources", name).read_text("utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders, and the file is ours
    return content


def own_lists(name: str) -> Mapping[str, Any]:
    """The content of a YAML of ``sources/`` that describes no layout."""
    return _read(name)


@cache
def source(name: str) -> Source:
    """The description of one layout; ``columns`` are folded for comparing, ``headers`` are as people read them."""
    node = _read(f"{name}.yaml")
    known = {"id", "kind", "rank", "title", "download", "file_name", "signature", "columns", "required", "absent", "metrics"}
    return Source(
        id=node["id"],
        kind=node.get("kind", node["id"]),
        rank=int(node["rank"]),
        title=node["title"],
        download=node["download"],
        file_name=re.compile(node["file_name"]),
        signatures=tuple(_signature(entry) for entry in node["signature"]),
        columns={name: _folded(headers) for name, headers in node["columns"].items()},
        headers={name: tuple(str(header) for header in headers) for name, headers in node["columns"].items()},
        required=tuple(node["required"]),
        absent=node["absent"],
        metrics=tuple(node["metrics"]),
        extra={key: value for key, value in node.items() if key not in known},
    )


@cache
def sources() -> tuple[Source, ...]:
    """Every YAML of the folder that has a signature, in the order in which they are tried."""
    names = (entry.name.removesuffix(".yaml") for entry in files(__package__).joinpath("sources").iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted((source(name) for name in names if "signature" in _read(f"{name}.yaml")), key=lambda one: (one.rank, one.id)))


@cache
def other_files() -> tuple[OtherFile, ...]:
    """Foreign platforms first, then our platform's neighbours; the first that matches names the file."""
    node = _read("foreign_platforms.yaml")
    return tuple(
        OtherFile(entry["id"], entry["title"], _signature(entry), foreign, entry.get("instead", "pdd_orders"))
        for key, foreign in (("platforms", True), ("unread", False))
        for entry in node[key]
    )


@cache
def couriers() -> Mapping[str, tuple[str, ...]]:
    """Short name -> texts that stand for it; the first that is contained wins."""
    return {name: tuple(texts) for name, texts in _read("couriers.yaml")["couriers"].items()}


@cache
def other_platforms() -> tuple[str, ...]:
    return tuple(str(name) for name in _read("couriers.yaml")["other_platforms"])


@cache
def _personal() -> tuple[frozenset[str], tuple[str, ...], frozenset[str]]:
    node = _read("personal.yaml")
    return frozenset(_folded(node["personal"])), _folded(node["personal_parts"]), frozenset(_folded(node["not_personal"]))


def is_personal(header: str) -> bool:
    """Whether the cells under this header may hold a person's name, number or address. In doubt, yes."""
    whole, parts, innocent = _personal()
    text = fold(header)
    return text in whole or (text not in innocent and any(part in text for part in parts))


@cache
def all_known_headers() -> frozenset[str]:
    """Every folded header that says anything about what a file is; the header row is the row with most of them."""
    known = set[str]()
    for one in sources():
        known |= one.known_headers
        for mark in one.signatures:
            known |= {*mark.all, *mark.any, *mark.and_any, *mark.of}
    for other in other_files():
        mark = other.signature
        known |= {*mark.all, *mark.any, *mark.and_any, *mark.of}
    return frozenset(known)
