"""The replies of a shop in a period, and the rows behind their numbers."""

import tempfile
from pathlib import Path

import pandas as pd

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.lineage import REPLIES
from pdd_audit.core.people import Right
from pdd_audit.core.tables import TURN_COLUMNS
from pdd_audit.metrics.response_times import within_hours
from pdd_audit.metrics.service import turn_replies
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, digest_of

TURNS_VERSION = 1  # raise it whenever a turn changes its meaning
KEEP = 3  # states of the ledger whose turns stay


def in_period(frame: pd.DataFrame, filters: Filters, name: str = "day") -> pd.DataFrame:
    """The rows of the chosen days; nothing else is known of a reply. Rows without a day belong to no period."""
    days = pd.to_datetime(frame[name]).dt.normalize()
    chosen = pd.Series(True, index=frame.index)
    if filters.start:
        chosen &= days >= pd.Timestamp(filters.start)
    if filters.end:
        chosen &= days <= pd.Timestamp(filters.end)
    return frame[chosen]


@needs(Right.LOOK)
def turns_of(workspace: Workspace, shop_id: str, filters: Filters = ALL) -> pd.DataFrame:
    """Every turn of the shop's chat logs that began in the period, with ``TURN_COLUMNS``; kept on the disk while the files stay."""
    files = workspace.ledger(shop_id).files("pdd_service")
    folder = workspace.cache(shop_id) / "turns"
    path = folder / f"{digest_of(TURNS_VERSION, sorted(report.version for _, report in files))}.parquet"
    turns = _kept(path)
    if turns is None:
        from pdd_audit.data.relations.replies import turn_rows  # loads the engine's readers only when turns are asked for

        turns = turn_rows([file for file, _ in files])
        _keep(path, turns)
    return in_period(turns, filters, "began_at")


def _kept(path: Path) -> pd.DataFrame | None:
    """A damaged file counts as absent: it is only a cache."""
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError):
        return None
    return frame if list(frame.columns) == TURN_COLUMNS else None


def _keep(path: Path, turns: pd.DataFrame) -> None:
    """The file appears by a rename, whole or not at all; a full disk only means that the turns are joined again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
            turns.to_parquet(part)
        Path(part.name).replace(path)
        for stale in sorted(path.parent.glob("*.parquet"), key=lambda file: file.stat().st_mtime, reverse=True)[KEEP:]:
            stale.unlink()
    except OSError:
        return


@needs(Right.LOOK)
def reply_list(workspace: Workspace, shop_id: str, what: str, filters: Filters = ALL) -> pd.DataFrame:
    """Rows of one kind of ``core.lineage.REPLY_KINDS`` in the period: days and agents with misses, the worst first; or turns, those
    missed, those answered in time, or those left out and why."""
    if what == REPLIES:
        from pdd_audit.data.relations.replies import reply_rows

        replies = in_period(reply_rows((ledger := workspace.ledger(shop_id)).paths("pdd_service"), ledger.stated), filters)
        return replies[replies["missed_3min_high"] > 0].sort_values("missed_3min_high", ascending=False)
    turns = turns_of(workspace, shop_id, filters)
    counted = turn_replies(within_hours(turns))
    turns = turns.assign(wait_seconds=(turns["replied_at"] - turns["began_at"]).dt.total_seconds())
    if what == "turns_left_out":
        left_out = turns.drop(index=counted.index)
        inside = left_out.index.isin(within_hours(left_out).index)
        return left_out.assign(excluded=["turn_undecided" if within else "turn_outside_hours" for within in inside])
    missed = counted["missed_3min_high"] > 0
    chosen = turns.loc[counted.index[missed if what == "slow_turns" else ~missed]]
    return chosen.sort_values("wait_seconds", ascending=False, na_position="first") if what == "slow_turns" else chosen
