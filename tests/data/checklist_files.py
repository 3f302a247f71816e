"""A small checklist folder as files, to be changed by one line at a time."""

from pathlib import Path

SCALES = """\
scales:
  coverage_4:
    levels:
      - code: unmet
        value: 0
        label: {zh: 没有, en: None}
        means: {zh: 没做, en: not done}
      - code: partly
        value: 0.3
        label: {zh: 部分, en: Some}
        means: {zh: 少于一半, en: less than half}
      - code: mostly
        value: 0.7
        label: {zh: 大部分, en: Most}
        means: {zh: 一半以上, en: half or more}
      - code: met
        value: 1
        label: {zh: 全部, en: All}
        means: {zh: 没有例外, en: no exception}
  criteria_share:
    levels:
      - code: unmet
        value: 0
        label: {zh: 都没有, en: None}
        means: {zh: 一条也没有, en: none of them}
      - code: met
        value: 1
        label: {zh: 都有, en: All}
        means: {zh: 每条都有, en: each of them}
"""

SOURCES = """\
sources:
  own:
    title: own reasoning
    trust: D
"""

PRACTICE = """\
schema: 1
practice:
  id: demo
  version: 1
  effective_from: "2026-11-23"
  section_weight: 3
  title: {zh: 示例, en: Demo}
  short_title: {zh: 示例, en: Demo}
  why: {zh: 因为要测试, en: because of the test}
  cap_when_blocker_fails: 59
  na_reasons:
    supplier_ships: {zh: 由供应商发货, en: a supplier ships}
items:
  - id: demo.levels
    weight: 3
    weight_why: {zh: 会超时, en: it goes late}
    quick: true
    scale: coverage_4
    title:
      ok: {zh: 好, en: good}
      fail: {zh: 不好, en: bad}
    ask: {zh: 好不好？, en: "Is it good?"}
    why: {zh: 有原因, en: a reason}
    source: {key: own, basis: derived}
    verify:
      metric: pickup_24h_ratio
      min_n: 200
      curve: {p10: 0.99, median: 0.95, worst: 0}
      claim:
        met: {at_least: 0.98}
        mostly: {at_least: 0.96}
        partly: {at_least: 0.90}
    remedies:
      - for: [unmet, partly, mostly]
        do: {zh: 去做, en: do it}
        effort_hours: 2
        addresses: [missed_van]
        works_prior: 0.5
  - id: demo.ticks
    weight: 2
    weight_why: {zh: 会漏掉, en: it is missed}
    scale: criteria_share
    blocker: {fails_at: unmet}
    title:
      ok: {zh: 齐了, en: complete}
      fail: {zh: 缺了, en: incomplete}
    ask: {zh: 哪些有？, en: "Which are there?"}
    why: {zh: 有原因, en: a reason}
    criteria:
      - {id: first, zh: 甲, en: one}
      - {id: second, zh: 乙, en: two}
    source: {key: own, basis: stated}
    remedies:
      - for: [unmet]
        do: {zh: 补上, en: complete it}
        effort_hours: 1
  - id: demo.number
    kind: metric
    weight: 2
    weight_why: {zh: 会变慢, en: it is slow}
    title:
      ok: {zh: 快, en: fast}
      fail: {zh: 慢, en: slow}
    why: {zh: 有原因, en: a reason}
    source: {key: own, basis: derived}
    verify:
      metric: reply_seconds_mean
      min_n: 20
      curve: {p10: 30, median: 180, worst: 1800}
    remedies:
      - for: [unmet, partly, mostly]
        do: {zh: 加人, en: add people}
        effort_hours: 1
"""

RULES = """\
schema: 1
platform: pdd
name: {zh: 拼多多, en: Pinduoduo}
official: false
confirm_at: "https://example.com/rules"
pack_selected_by: order_confirmed_date
sources:
  page: {title: a page, address: "https://example.com/page", date: "2025", trust: C}
shared:
"""
SHARED = {
    "pickup_limit_hours": ("24", "hours"), "track_no_update_hours": ("24", "hours"), "pickup_record_that_counts": ("last", "choice"),
    "waybill_reuse_days": ("30", "days"), "promise_default_hours": ("48", "hours"), "compensation_rounding": ("floor_to_yuan", "choice"),
    "late_fixed_yuan": ("3", "yuan"), "reply_window_from": ('"08:00"', "time_of_day"), "reply_window_to": ('"23:00"', "time_of_day"),
    "reply_limit_seconds": ("180", "seconds"), "appeal_limit_days": ("null", "days"), "waybill_change_hours": ("24", "hours"),
    "false_shipment_min_yuan": ("5", "yuan"), "false_shipment_max_yuan": ("100", "yuan"),
}


def a_figure(indent: int, name: str, value: str, unit: str) -> str:
    rest = ("null", "null", "null") if value == "null" else ("page", "C", '"2026-11-22"')
    lines = [f"{name}:", f"  value: {value}", f"  unit: {unit}", f"  source: {rest[0]}", f"  trust: {rest[1]}", f"  checked: {rest[2]}"]
    return "".join(" " * indent + line + "\n" for line in lines)


def rules_text() -> str:
    text = RULES + "".join(a_figure(2, name, *what) for name, what in SHARED.items()) + "packs:\n"
    for name, start, end, needs, ratio in (
        ("old", "null", '"2025-05-14"', "false", "0.25"), ("new", '"2025-05-15"', "null", "true", "0.05"),
    ):
        text += f"  - id: {name}\n    valid_from: {start}\n    valid_to: {end}\n    figures:\n"
        text += a_figure(6, "promise_needs_pickup", needs, "boolean") + a_figure(6, "false_shipment_ratio", ratio, "ratio")
    return text


def a_folder(root: Path, practice: str = PRACTICE, scales: str = SCALES, sources: str = SOURCES, rules: str | None = None) -> Path:
    (root / "practices").mkdir(parents=True)
    (root / "rules").mkdir()
    (root / "scales.yaml").write_text(scales, "utf-8")
    (root / "sources.yaml").write_text(sources, "utf-8")
    (root / "practices" / "10_demo.yaml").write_text(practice, "utf-8")
    (root / "rules" / "pdd.yaml").write_text(rules or rules_text(), "utf-8")
    return root


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, f"{old!r} is not in the file any more"
    return text.replace(old, new, 1)
