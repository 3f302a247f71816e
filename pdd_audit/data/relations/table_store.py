"""Compact tables kept on disk, named by the digest of everything they were computed from; thrown away and rebuilt at will."""

import json
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import pandas as pd

from pdd_audit.core.tables import CompactTables, Sample

FRAMES = ("lags", "cells", "outlets", "promises", "replies", "fines", "scan_hours")
FACTS = "facts.json"
KEEP = 20


def _read_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def load_tables(folder: Path, key: str) -> CompactTables | None:
    """The tables stored under ``key``, or None. A damaged entry counts as absent."""
    entry = folder / key
    try:
        facts = json.loads((entry / FACTS).read_text("utf-8"))
        frames = {name: pd.read_parquet(entry / f"{name}.parquet") for name in FRAMES}
    except (OSError, ValueError):
        return None
    return CompactTables(
        as_of=_read_moment(facts["as_of"]), cut=_read_moment(facts["cut"]), mature_until=_read_moment(facts["mature_until"]),
        limit_minutes=facts["limit_minutes"], counts=facts["counts"], excluded=facts["excluded"], flags=frozenset(facts["flags"]),
        samples={kind: Sample(total, tuple(names)) for kind, (total, names) in facts["samples"].items()},
        flag_values=facts["flag_values"], **frames,
    )


def store_tables(folder: Path, key: str, tables: CompactTables) -> None:
    """Keep the tables under ``key``: a whole entry appears by rename, or none. Old entries make room."""
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
    try:
        for name in FRAMES:
            getattr(tables, name).to_parquet(part / f"{name}.parquet")
        facts = {
            "as_of": tables.as_of and tables.as_of.isoformat(), "cut": tables.cut and tables.cut.isoformat(),
            "mature_until": tables.mature_until and tables.mature_until.isoformat(), "limit_minutes": tables.limit_minutes,
            "counts": dict(tables.counts), "excluded": dict(tables.excluded), "flags": sorted(tables.flags),
            "flag_values": {flag: dict(values) for flag, values in tables.flag_values.items()},
            "samples": {kind: [sample.total, sample.names] for kind, sample in tables.samples.items()},
        }
        (part / FACTS).write_text(json.dumps(facts), "utf-8")
        part.rename(folder / key)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)  # another process stored the same entry first, or the disk is full: only a cache
    entries = (entry for entry in folder.iterdir() if (entry / FACTS).exists())  # relations and scratch files lie beside them
    for stale in sorted(entries, key=lambda entry: entry.stat().st_mtime, reverse=True)[KEEP:]:
        shutil.rmtree(stale, ignore_errors=True)
