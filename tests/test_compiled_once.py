"""What stands in for writing SQL gives what would have been written."""

from contextlib import ExitStack

import ibis
import pandas as pd
import pytest

from pdd_audit.data.relations.engines import opened
from tests.compiled_once import CompiledOnce, write_sql


@pytest.fixture
def backends(tmp_path):
    """Of two engines, each with two tables of the same columns."""
    for name, numbers in (("few", [1, 2, 3]), ("many", [4, 5, 6, 7])):
        pd.DataFrame({"n": numbers}).to_parquet(tmp_path / f"{name}.parquet")
    with ExitStack() as stack:
        found = [stack.enter_context(opened("duckdb", tmp_path, tmp_path)) for _ in range(2)]
        yield [(engine._backend, *(engine.rows([tmp_path / f"{name}.parquet"]) for name in ("few", "many"))) for engine in found]


def test_the_same_question_is_written_once_and_answered_by_the_tables_it_names(backends):
    once, answers = CompiledOnce(), []
    for backend, few, many in backends:
        for one, other in ((few, many), (many, few), (few, few)):
            asked = one.union(other.mutate(n=other.n * 10)).n.sum()
            assert once.compile(backend, asked) == write_sql(backend, asked)
            answers.append(backend.con.execute(once.compile(backend, asked)).fetchone()[0])
    assert answers == [6 + 220, 22 + 60, 6 + 60] * 2
    assert len(once.kept) == 2, "of two tables, and of one with itself"


@pytest.mark.parametrize(("one", "other"), [(-1, -2), (1, True), (1, 1.0), ("1", 1)])
def test_what_only_looks_alike_is_another_question(backends, one, other):
    once, (backend, rows, _) = CompiledOnce(), backends[0]
    for value in (one, other):
        assert once.compile(backend, rows.mutate(v=ibis.literal(value))) == write_sql(backend, rows.mutate(v=ibis.literal(value)))
    assert len(once.kept) == 2


def test_how_it_is_written_belongs_to_the_question(backends):
    once, (backend, rows, _) = CompiledOnce(), backends[0]
    assert once.compile(backend, rows, limit=1) != once.compile(backend, rows, limit=2)
