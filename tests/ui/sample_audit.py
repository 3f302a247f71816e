"""A plausible audit without any file: used where a test needs a picture, not a pipeline."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd

from pdd_audit.core.items import Finding
from pdd_audit.core.measurement import Measurement, MetricInfo
from pdd_audit.core.questions import (
    Answer,
    Blocker,
    Checklists,
    Criterion,
    Curve,
    Level,
    Limit,
    Practice,
    PracticeHead,
    Question,
    Remedy,
    Scale,
    Source,
    Text,
    Title,
    Verify,
)
from pdd_audit.core.result import (
    AuditResult,
    EstimateRecord,
    FindingRecord,
    InputFile,
    MetricRecord,
    PlanStep,
    RulesUsed,
    Scope,
    Wave,
)
from pdd_audit.core.scoring import score
from pdd_audit.metrics.intervals import wilson

AS_OF = datetime(2026, 10, 28, 18)
MISSED = 448
MATURE = 15957


def t(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def level(code: Any, value: float, zh: str, en: str, means_zh: str, means_en: str) -> Level:
    return Level(code=code, value=value, label=t(zh, en), means=t(means_zh, means_en))


SCALES = {
    "coverage_4": Scale(
        levels=(
            level("unmet", 0, "没有", "None", "没有做，或只做过一次", "Not done, or done once"),
            level("partly", 0.3, "部分", "Some", "不到一半的网点、批次或天数", "Less than half of outlets, batches or days"),
            level("mostly", 0.7, "大部分", "Most", "一半以上，但还有已知的例外", "More than half, with known exceptions"),
            level("met", 1, "全部", "All", "没有已知的例外，并且拿得出记录", "No known exception, and records exist"),
        )
    ),
    "met_unmet": Scale(
        levels=(level("unmet", 0, "没有", "No", "还没有", "Not yet"), level("met", 1, "有", "Yes", "有，随时能用", "Yes, ready to use"))
    ),
    "criteria_share": Scale(
        levels=(level("unmet", 0, "以上都没有", "None", "一条也没有", "Not one"), level("met", 1, "全部", "All", "每一条都有", "Every one"))
    ),
}


def question(id: str, weight: int, ask: tuple[str, str], ok: tuple[str, str], fail: tuple[str, str], **more: Any) -> Question:
    given = {
        "scale": "coverage_4",
        "why": t("没有约好，车晚了也没人知道，24 小时一到就成了违规。", "Nobody notices a late van unless a time was agreed."),
        "show_me": t("打开上周的交接单，指出来得最晚的一次。", "Open last week's handover sheets and point at the latest arrival."),
        "source": Source(key="pdd_rule_2025", basis="derived"),
        "quick": True,
        "remedies": (
            Remedy(
                **{"for": ("unmet", "partly", "mostly")},
                do=t("和件量最大的两个网点书面约定揽收时间，试行十四天", "Agree pickup times in writing with the two largest outlets"),
                effort_hours=2,
                effort_hours_per_month=1,
                addresses=("missed_van",),
                works_prior=0.6,
            ),
        ),
    } | more
    return Question(id=id, weight=weight, ask=t(*ask), title=Title(ok=t(*ok), fail=t(*fail)), **given)


def practice(id: str, weight: int, title: tuple[str, str], short: tuple[str, str], *items: Question) -> Practice:
    head = PracticeHead(
        id=id,
        version=1,
        effective_from="2026-01-01",
        section_weight=weight,
        title=t(*title),
        short_title=t(*short),
        why=t("原因", "why"),
        na_reasons={"supplier_ships": t("供应商直接发货", "The supplier ships"), "single_outlet": t("只有一个网点", "Only one outlet")},
    )
    return Practice(schema_version=1, practice=head, items=items)


def pickup_claim(metric: str, **claims: float) -> Verify:
    limits: dict[Any, Limit] = {code: Limit(at_least=value) for code, value in claims.items()}
    return Verify(metric=metric, min_n=200, curve=Curve(p10=0.99, median=0.95, worst=0.5), claim=limits)


def sample_checklists() -> Checklists:
    choice = practice(
        "courier_choice",
        3,
        ("快递选择", "Courier choice"),
        ("快递选择", "Courier choice"),
        question(
            "courier_choice.second_courier",
            5,
            ("是否至少开通了两家快递的电子面单，今天就能换着用？", "Are two couriers' e-waybills usable today?"),
            ("随时能换第二家快递", "A second courier is ready"),
            ("只靠一家快递", "Only one courier"),
            scale="met_unmet",
        ),
        question(
            "courier_choice.last_van_known",
            3,
            ("有多少网点的末班车时间写在打单台上？", "For how many outlets is the last van's time on the desk?"),
            ("知道末班车时间", "Last van times are known"),
            ("末班车时间没人知道", "Nobody knows the last van"),
        ),
    )
    coordination = practice(
        "courier_coordination",
        4,
        ("快递协同", "Courier coordination"),
        ("快递协同", "Coordination"),
        question(
            "courier_coordination.fixed_pickup",
            5,
            ("有多少网点约好了固定的揽收时间，而且按时来？", "How many outlets have an agreed daily pickup time and keep it?"),
            ("网点每天固定时间来收", "Outlets collect at a fixed time"),
            ("揽收时间靠当天临时约", "Pickup times are arranged day by day"),
            verify=pickup_claim("pickup_24h_ratio", met=0.98, mostly=0.96, partly=0.9),
        ),
        question(
            "courier_coordination.handover_count",
            4,
            ("交接时是否逐件清点？", "Is every parcel counted at handover?"),
            ("交接逐件清点", "Every handover is counted"),
            ("交接不清点", "Handovers are not counted"),
            blocker=Blocker(fails_at="unmet"),
        ),
        question(
            "courier_coordination.handover_sheet",
            3,
            ("交接单上有哪些内容？", "What is on the handover sheet?"),
            ("交接单完整", "The handover sheet is complete"),
            ("交接单不完整", "The handover sheet is incomplete"),
            scale="criteria_share",
            criteria=(
                Criterion(id="time", zh="交接时间", en="Time"),
                Criterion(id="pieces", zh="件数", en="Number of parcels"),
                Criterion(id="sign", zh="快递员签字", en="Courier's signature"),
            ),
        ),
    )
    shipping = practice(
        "shipping_process",
        4,
        ("发货流程", "Shipping process"),
        ("发货流程", "Shipping"),
        question(
            "shipping_process.upload_after_pickup",
            5,
            ("单号是否在快递实际揽收之后才上传？", "Are waybills uploaded only after the courier has collected the parcel?"),
            ("单号揽收后才上传", "Waybills are uploaded after pickup"),
            ("单号提前上传", "Waybills are uploaded early"),
            verify=pickup_claim("upload_after_pickup_ratio", met=0.9, mostly=0.7, partly=0.3),
        ),
        question(
            "shipping_process.weekly_review",
            2,
            ("是否每周复盘一次超时的单子？", "Are late orders reviewed every week?"),
            ("每周复盘", "Weekly review"),
            ("没有复盘", "No review"),
        ),
        question(
            "shipping_process.label_list",
            2,
            ("打了单没交出去的件是否当天清零？", "Are printed but unhanded parcels cleared the same day?"),
            ("当天清零", "Cleared the same day"),
            ("未清零", "Not cleared"),
            quick=False,
        ),
    )
    service = practice(
        "customer_service",
        3,
        ("客服响应", "Customer service"),
        ("客服响应", "Service"),
        question(
            "customer_service.reply_staffing",
            4,
            ("8–23 点是否一直有人回复？", "Is somebody answering from 8:00 to 23:00?"),
            ("一直有人回复", "Somebody always answers"),
            ("有空档没人回", "There are gaps"),
            verify=pickup_claim("reply_3min_ratio", met=0.95, mostly=0.89, partly=0.75),
        ),
        question(
            "customer_service.proactive_notice",
            2,
            ("超时之前是否主动告诉买家？", "Are buyers told before the limit passes?"),
            ("超时前主动告知", "Buyers are told in time"),
            ("等买家来问", "Buyers have to ask"),
        ),
    )
    response = practice(
        "incident_response",
        3,
        ("事后应对", "Incident response"),
        ("事后应对", "Response"),
        question(
            "incident_response.appeal_file",
            3,
            ("申诉的凭证是否随时能找到？", "Can the evidence for an appeal be found at once?"),
            ("申诉凭证齐全", "Evidence is at hand"),
            ("申诉凭证找不到", "Evidence is missing"),
        ),
    )
    return Checklists(scales=SCALES, practices=(choice, coordination, shipping, service, response))  # type: ignore[arg-type]


def sample_answers() -> dict[str, Answer]:
    codes: dict[str, Any] = {
        "courier_choice.second_courier": "met",
        "courier_choice.last_van_known": "mostly",
        "courier_coordination.fixed_pickup": "met",
        "courier_coordination.handover_count": "partly",
        "courier_coordination.handover_sheet": ("time", "pieces"),
        "shipping_process.upload_after_pickup": "mostly",
        "shipping_process.weekly_review": "unknown",
        "customer_service.reply_staffing": "met",
        "customer_service.proactive_notice": "unmet",
        "incident_response.appeal_file": "mostly",
    }
    proof = {"courier_choice.last_van_known": "打单台照片"}
    return {id: Answer(answer=code, proof=proof.get(id, "")) for id, code in codes.items()}


def _findings() -> dict[str, Finding]:
    def ratio(id: str, value: float, low: float, high: float, n: int) -> Finding:
        return Finding(MetricInfo(id, "ratio", "higher", ""), Measurement(value=value, low=low, high=high, n=n))

    return {
        "pickup_24h_ratio": ratio("pickup_24h_ratio", 1 - MISSED / MATURE, 0.969, 0.974, MATURE),
        "upload_after_pickup_ratio": ratio("upload_after_pickup_ratio", 0.533, 0.51, 0.55, MATURE),
        "reply_3min_ratio": ratio("reply_3min_ratio", 0.923, 0.9, 0.942, 1312),
    }


def _metric(
    value: float | None, low: float | None, high: float | None, n: int, unit: Any, verdict: Any = None, **more: Any
) -> MetricRecord:
    given = {"target": None, "mature_until": AS_OF - timedelta(hours=27), "estimates": {}} | more
    return MetricRecord(value=value, low=low, high=high, n=n, unit=unit, verdict=verdict, **given)


def _metrics() -> dict[str, MetricRecord]:
    estimates = {
        "mature": EstimateRecord(value=0.9719, low=0.969, high=0.974, n=MATURE),
        "survival": EstimateRecord(value=0.9722, low=0.969, high=0.975, n=18179),
        "today": EstimateRecord(value=0.9731, low=0.970, high=0.976, n=18179),
        "naive_collected": EstimateRecord(value=0.9832, low=None, high=None, n=17866),
        "naive_all": EstimateRecord(value=0.9801, low=None, high=None, n=18179),
    }
    return {
        "pickup_24h_ratio": _metric(0.9719, 0.969, 0.974, MATURE, "ratio", "too_early", target=0.97, estimates=estimates, more_needed=60),
        "promise_kept_ratio": _metric(0.961, 0.957, 0.965, 20211, "ratio", "pass", target=0.95),
        "pickup_hours_p50": _metric(1.5, 1.4, 1.6, 18179, "hours"),
        "pickup_hours_p90": _metric(8.9, 8.5, 9.4, 18179, "hours"),
        "pickup_hours_p95": _metric(15.2, 14.1, 16.6, 18179, "hours"),
        "first_move_24h_ratio": _metric(None, None, None, 0, "ratio", "no_data"),
        "ship_hours_p50": _metric(14.2, 14.0, 14.5, 24834, "hours"),
        "refund_before_pickup_ratio": _metric(0.012, 0.010, 0.014, 16155, "ratio"),
        "open_over_limit_count": _metric(63, None, None, 18179, "count"),
        "reply_3min_ratio": _metric(0.923, 0.9, 0.942, 1312, "ratio", "fail", target=0.95),
        "reply_30s_ratio": _metric(0.61, 0.58, 0.64, 1312, "ratio"),
        "reply_seconds_mean": _metric(74.0, 70.0, 79.0, 1312, "seconds"),
        "upload_after_pickup_ratio": _metric(0.533, 0.51, 0.55, MATURE, "ratio"),
    }


def sample_result(
    answers: Mapping[str, Answer] | None = None, scope: Scope = "full", shop: str = "拾光家居店", lang: str = "zh"
) -> AuditResult:
    checklists = sample_checklists()
    findings = _findings()
    scored = score(checklists, sample_answers() if answers is None else answers, findings, scope)
    found = []
    for id, item in scored.items.items():
        if item.verdict in (None, "no_claim") or item.question.verify is None or item.given is None:
            continue
        measured = findings[item.question.verify.metric].measured
        limit = item.question.verify.claim.get(str(item.given.answer))  # type: ignore[call-overload]
        found.append(
            FindingRecord(
                question=id,
                metric=item.question.verify.metric,
                verdict=item.verdict,
                claim={"level": item.given.answer, "at_least": limit.value if limit else None},
                measured=EstimateRecord(value=measured.value, low=measured.low, high=measured.high, n=measured.n),
                rows=[f"JT{i:012d}" for i in range(200)],
                rows_total=MISSED,
                counted_as=item.counted_as,
            )
        )
    step = PlanStep(
        action="17:30 后不再上传极兔单号" if lang == "zh" else "No J&T uploads after 17:30",
        question="courier_coordination.fixed_pickup",
        practice="courier_coordination",
        points=7.1,
        yuan_low=980,
        yuan=1640,
        yuan_high=2300,
        hours=2,
        orders=312,
        why="missed_van",
    )
    steps = [
        step,
        step.model_copy(
            update={
                "action": "车迟到 30 分钟就打电话" if lang == "zh" else "Phone when a van is 30 minutes late",
                "points": 4.2,
                "yuan": 620.0,
                "yuan_low": 310.0,
                "yuan_high": 1050.0,
                "orders": 118.0,
                "hours": 1.0,
            }
        ),
        step.model_copy(
            update={
                "action": "义乌佛堂的件改走中通" if lang == "zh" else "Move Fotang's parcels to ZTO",
                "points": 2.0,
                "yuan": None,
                "yuan_low": None,
                "yuan_high": None,
                "orders": None,
                "question": "courier_choice.second_courier",
            }
        ),
    ]
    return AuditResult(
        shop=shop,
        as_of=AS_OF,
        cut=AS_OF - timedelta(hours=3),
        rules=RulesUsed(pack="pdd", effective_from="2025-05-15"),
        checklists={p.practice.id: 1 for p in checklists.practices},
        inputs=[
            InputFile(
                file="orders_export2026-10-28.csv",
                kind="pdd_orders",
                sha256="a" * 64,
                rows_read=24834,
                rows_kept=18179,
                left_out={"not_shipped": 6655},
                warnings=[],
            )
        ],
        parcels={
            "shipped": 18179,
            "collected": 17716,
            "open": 463,
            "covered": 18169,
            "mature": MATURE,
            "open_over_limit": 63,
            "open_at_risk": 250,
            "pickup_unknown": 10,
        },
        metrics=_metrics(),
        practices=scored.practices,
        score=scored.score,
        findings=found,
        plan=steps,
        waves=[Wave(courier="极兔速递", outlet="义乌北苑", day="2026-10-17", band="16–18", parcels=64, breaches=62, verdict="missed")],
        warnings=[],
        excluded={"pickup_unknown": 10},
    )


def sample_pictures() -> SimpleNamespace:
    def row(share: float, n: int, **keys: Any) -> dict[str, Any]:
        half = 1.96 * math.sqrt(max(share * (1 - share), 0.0001) / n)
        return keys | {"ratio": 1 - share, "low": 1 - min(1, share + half), "high": 1 - max(0, share - half)}

    hours = [h / 4 for h in range(72 * 4 + 1)]
    curve = [
        {"hour": h, "open_share": s, "low": max(0, s - 0.012), "high": min(1, s + 0.012)}
        for h in hours
        for s in [min(1, math.exp(-h / 3) + 0.08 * math.exp(-h / 18))]
    ]
    daily = []
    for i in range(28):
        share = 0.16 if i == 16 else 0.02 + 0.008 * (i % 5)
        daily.append(
            row(share, 600, day=(datetime(2026, 10, 1) + timedelta(days=i)).date(), parcels=600, late=round(600 * share), mature=i < 26)
        )
    bands = ["08–10", "10–12", "12–14", "14–16", "16–18", "18–20", "20–22", "22–24"]
    cells = []
    for weekday in range(7):
        for i, band in enumerate(bands):
            parcels = 12 if (i == 0 and weekday > 4) else 150
            share = 0.31 if (i == 4 and weekday == 4) else [0.01, 0.01, 0.01, 0.01, 0.01, 0.03, 0.05, 0.09][i]
            low, high = wilson(round(parcels * share), parcels)
            cells.append({
                "weekday": weekday, "band": band, "parcels": parcels, "late": round(parcels * share), "share": share, "low": low, "high": high,
            })
    couriers = [
        row(s, n, courier=c, parcels=n, late=round(n * s))
        for c, s, n in [
            ("极兔速递", 0.044, 4100),
            ("圆通快递", 0.026, 3900),
            ("中通快递", 0.022, 3700),
            ("韵达快递", 0.023, 2900),
            ("申通快递", 0.025, 1350),
        ]
    ]
    outlets = [
        row(s, n, courier=c, outlet=o, parcels=n, late=round(n * s))
        for c, o, s, n in [
            ("圆通快递", "义乌佛堂", 0.071, 812),
            ("极兔速递", "义乌北苑", 0.047, 2240),
            ("中通快递", "义乌江东", 0.021, 1983),
            ("韵达快递", "金华婺城", 0.024, 1204),
        ]
    ]
    replies = [
        row(0.07 + 0.01 * (i % 4), 45, day=(datetime(2026, 10, 1) + timedelta(days=i)).date(), inquiries=45, missed=3) for i in range(28)
    ]
    agents = [
        row(s, n, agent=a, inquiries=n, missed=round(n * s)) for a, s, n in [("小陈", 0.05, 520), ("小李", 0.06, 480), ("夜班", 0.14, 312)]
    ]
    return SimpleNamespace(
        pickup_curve=pd.DataFrame(curve),
        daily=pd.DataFrame(daily),
        hour_weekday=pd.DataFrame(cells),
        couriers=pd.DataFrame(couriers),
        outlets=pd.DataFrame(outlets),
        replies=pd.DataFrame(replies),
        agents=pd.DataFrame(agents),
    )
