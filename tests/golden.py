"""What is kept of the demo shop's result: numbers and ids, no words."""

import json
import tempfile
from pathlib import Path
from typing import Any

from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import open_demo_shop
from pdd_audit.services.workspace import open_workspace

GOLDEN = Path(__file__).parent / "golden.json"


def summary(home: Path) -> dict[str, Any]:
    """The demo shop scored from its files, reduced to what must not change unnoticed."""
    workspace = open_workspace(home)
    result = run_audit(workspace, open_demo_shop(workspace).id).result
    workspace.state.close()
    score = result.score
    return {
        "score": {name: getattr(score, name) for name in ("value", "low", "high", "data_low", "data_high", "claimed", "verified", "answered_share")},
        "grade": score.grade,
        "capped_by": score.capped_by,
        "practices": {name: record.value for name, record in result.practices.items()},
        "items": {item.id: item.value or 0.0 for record in result.practices.values() for item in record.items},
        "parcels": dict(result.parcels),
        "metrics": {name: metric.value or 0.0 for name, metric in result.metrics.items()},
        "verdicts": {name: str(metric.verdict) for name, metric in result.metrics.items()},
        "contradicted": sorted(finding.question for finding in result.findings if finding.verdict == "contradicted"),
        "plan": [step.question for step in result.plan[:10]],
        "waves": [f"{wave.courier} {wave.day} {wave.band} {wave.breaches}/{wave.parcels}" for wave in result.waves],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(json.dumps(summary(Path(folder)), ensure_ascii=False, indent=1) + "\n", "utf-8")
