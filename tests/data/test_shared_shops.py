"""The real shops beside the repository, counted. Skipped where they are not at hand."""

from pathlib import Path

import pytest

from tests.data.builders import import_here

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared shops are not beside this repository")


@pytest.mark.parametrize(
    ("pattern", "kind", "rows", "left_out"),
    [
        ("october_shop/*orders_export*.csv", "pdd_orders", 24_834, {}),
        ("october_shop/courier_first_pickup.csv", "courier_pickups", 17_866, {"footer": 1}),
        ("october_shop/service_team.xlsx", "pdd_service", 84, {}),
        ("cross_section_by_pickup_day/courier_first_pickup.csv", "courier_pickups", 3_731, {"footer": 1}),
    ],
)
def test_a_real_file_is_read_whole(pattern, kind, rows, left_out):
    (path,) = SHARED.glob(pattern)
    report, kept = import_here(path.read_bytes(), path.name)
    assert (report.kind, report.rows_kept, report.left_out) == (kind, rows, left_out)
    assert len(kept) == rows


def test_the_strict_pass_reads_the_october_orders_alike():
    (path,) = SHARED.glob("october_shop/*orders_export*.csv")
    assert import_here(path.read_bytes(), path.name) == import_here(path.read_bytes(), path.name, strict=True)
