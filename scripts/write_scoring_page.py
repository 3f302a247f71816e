"""Write docs/scoring.zh.md and docs/scoring.en.md: ``python -m scripts.write_scoring_page`` from the project's root.

The words lie in scripts/scoring_page; every number, table and docstring comes from the code and the checklists.
"""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pdd_audit.core import confidence, fingerprint, grades, items, plan, scoring, targets, waivers, waterfall, xray
from pdd_audit.core.questions import Curve, LevelCode, Limit, Practice, Question, Text
from pdd_audit.data.content.checklists import load_checklists
from pdd_audit.data.content.waiver_rules import load_waiver_rules
from pdd_audit.metrics import registry
from pdd_audit.texts import LANGS, Lang, Words
from pdd_audit.texts.numbers import decimal_text, percent
from scripts import scoring_example

ROOT = Path(__file__).resolve().parent.parent
CURVE_OF = scoring_example.DATA_ONLY
SAID_BY_THE_CODE: tuple[Callable[..., Any], ...] = (
    items.curve_value, items.judge, items.evaluate, scoring.fold, scoring.score, grades.grade_of, confidence.freshness,
    confidence.confidence, waterfall.waterfall, plan.make_plan, plan.remedy_at, plan.saved_together, waivers.in_effect,
    targets.drawn_to, xray.signs,
)


def page(lang: Lang) -> str:
    """The page in one language."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "scripts" / "scoring_page"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=False, keep_trailing_newline=True,  # Markdown of our own words: no HTML and nothing foreign
    )
    words = Words(lang)
    return environment.get_template(f"{lang}.md.j2").render(Facts(lang).as_context(), words=words)


class Facts:
    """What the page tells, in one language: everything that is not prose."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.words = Words(lang)
        self.checklists = load_checklists(ROOT / "checklists")

    def as_context(self) -> dict[str, Any]:
        rules = load_waiver_rules(ROOT / "checklists")
        assert rules is not None, "the shipped folder says how many waivers may stand"
        return {
            "scales": self.scales(), "grades": grades.GRADES,
            "practices": [self.practice(one) for one in self.checklists.practices], "metrics": self.metrics(), "curve": self.curve(),
            "total_cap": decimal_text(100 * scoring.TOTAL_CAP), "bar": percent(scoring.COVERAGE_FOR_GRADE, 0), "k": items.ERFINV_08,
            "with_proof": confidence.WITH_PROOF, "bare": confidence.BARE_CLAIM, "stale": confidence.STALE, "high": confidence.HIGH,
            "medium": confidence.MEDIUM, "months": plan.HORIZON_MONTHS, "month_days": decimal_text(plan.DAYS_A_MONTH),
            "find_out_hours": plan.FIND_OUT_HOURS, "waivers": rules, "loosest": targets.MOST_MISSES, "sources": waterfall.SOURCES,
            "ruler": sorted(waterfall.RULER), "many_na": percent(xray.MANY_NOT_APPLICABLE, 0), "fingerprint": _docstring(fingerprint),
            "code": [(f"{one.__module__}.{one.__name__}", _docstring(one)) for one in SAID_BY_THE_CODE], "example": self.example(),
        }

    def text(self, text: Text) -> str:
        return _cell(text.in_language(self.lang))

    def scales(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "levels": [
                {"code": level.code, "value": f"{level.value:g}", "label": self.text(level.label), "means": self.text(level.means)}
                for level in scale.levels
            ]} for name, scale in self.checklists.scales.items()
        ]

    def practice(self, practice: Practice) -> dict[str, Any]:
        asked = [item for item in practice.items if not item.retired]
        head = practice.practice
        return {
            "id": head.id, "title": self.text(head.title), "weight": head.section_weight, "cap": head.cap_when_blocker_fails,
            "version": head.version,
            "share": percent(head.section_weight / sum(one.practice.section_weight for one in self.checklists.practices), 1),
            "questions": sum(item.kind == "question" for item in asked), "measured": sum(item.kind == "metric" for item in asked),
            "points": sum(item.weight for item in asked), "must_haves": sum(item.blocker is not None for item in asked),
            "quick": sum(item.quick for item in asked), "items": [self.item(item) for item in asked],
            "reasons": [self.text(reason) for reason in head.na_reasons.values()],
        }

    def item(self, item: Question) -> dict[str, Any]:
        verify = item.verify
        claims: dict[str, Limit] = {} if verify is None else {str(level): limit for level, limit in verify.claim.items()}
        return {
            "id": item.id, "title": self.text(item.title.ok), "weight": item.weight, "scale": item.scale or "—",
            "freshness": item.freshness_days,
            "fails_at": item.blocker.fails_at if item.blocker else "", "quick": item.quick,
            "when": [self.words(f"checklist.profile.{name}") for name in item.when],
            "metric": verify.metric if verify else "", "effect": verify.effect if verify else "", "min_n": verify.min_n if verify else "",
            "curve": _curve(verify.curve) if verify else "",
            "claims": ", ".join(f"{level} {_limit(claims[level])}" for level in reversed(get_args(LevelCode)) if level in claims),
        }

    def metrics(self) -> list[dict[str, Any]]:
        return [
            {
                "id": name, "name": _cell(self.words(f"metric_names.{name}.name")), "unit": metric.info.unit, "better": metric.info.better,
                "definition": _cell(self.words(f"metric_names.{name}.definition")),
                "target": percent(metric.info.target, 0) if metric.info.target else "—",
            }
            for name, metric in sorted(registry.items())
        ]

    def curve(self) -> dict[str, Any]:
        """The curve of one question, read at its control points and around them."""
        item = self.checklists.question(CURVE_OF)
        assert item.verify is not None and item.verify.curve is not None
        curve, finding = item.verify.curve, items.Finding(registry[item.verify.metric].info, scoring_example.MEASURED[item.verify.metric])
        at = [0.0, curve.p10 / 3, curve.p10, (curve.p10 + curve.median) / 2, curve.median, 2 * curve.median, curve.worst]
        return {
            "title": self.text(item.title.ok), "metric": item.verify.metric, "p10": f"{curve.p10:g}", "median": f"{curve.median:g}",
            "worst": f"{curve.worst:g}", "at_p10": f"{items.curve_value(curve, curve.p10, finding):g}",
            "at_median": f"{items.curve_value(curve, curve.median, finding):g}",
            "points": [(f"{value:g}", _four(items.curve_value(curve, value, finding))) for value in at],
        }

    def example(self) -> dict[str, Any]:
        made = scoring_example.example(self.checklists)
        rows = []
        for practice, record in made.items:
            question = self.checklists.question(record.id)
            rows.append({
                "practice": practice, "id": record.id, "title": self.text(question.title.ok), "weight": record.weight,
                "state": record.state, "answer": record.answer or "—", "metric": _measured(record.metric),
                "verdict": record.verdict or "—", "said": _four(record.claimed), "checked": _four(record.verified),
                "value": _four(record.value), "share": _four(record.share), "points": _four(record.points), "lost": _four(record.lost),
            })
        total, capped = made.scored.score, made.capped.score
        return {
            "rows": rows, "practices": made.scored.practices, "total": total, "capped": capped, "confidence": made.confidence,
            "four": _four,
            "titles": {one.practice.id: self.text(one.practice.title) for one in self.checklists.practices},
            "must_have": self.text(self.checklists.question(scoring_example.MUST_HAVE).title.ok), "age": scoring_example.AGE_DAYS,
            "capped_practice": made.capped.practices[scoring_example.MUST_HAVE.split(".")[0]],
        }


def _four(value: float | None) -> str:
    return "—" if value is None else decimal_text(value, 4)


def _measured(metric: str | None) -> str:
    found = scoring_example.MEASURED.get(metric or "")
    if metric is None or found is None:
        return "—"
    return f"{metric} {found.value:g} [{found.low:g}, {found.high:g}], n {found.n}"


def _curve(curve: Curve | None) -> str:
    return "" if curve is None else f"{curve.p10:g} / {curve.median:g} / {curve.worst:g}"


def _limit(limit: Limit) -> str:
    return f"≥ {limit.at_least:g}" if limit.at_least is not None else f"≤ {limit.at_most:g}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _docstring(thing: object) -> str:
    return re.sub(r"\s+", " ", inspect.getdoc(thing) or "").replace("``", "`")


def pages() -> dict[str, Callable[[], str]]:
    return {f"docs/scoring.{lang}.md": (lambda lang=lang: page(lang)) for lang in LANGS}


if __name__ == "__main__":
    for name, text in pages().items():
        (ROOT / name).write_text(text(), "utf-8")
        print(name)
