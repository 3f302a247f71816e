"""A small checklist and results made from it by the real scoring, for the report's tests and for looking at it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pdd_audit.core.items import Finding
from pdd_audit.core.measurement import Estimate, Measurement, MetricInfo, Reason, Unit
from pdd_audit.core.questions import Answer, Checklists, Practice, Scale
from pdd_audit.core.result import (
    AuditResult,
    EstimateRecord,
    FindingRecord,
    InputFile,
    MetricRecord,
    PlanStep,
    RulesUsed,
    WarningRecord,
    Wave,
)
from pdd_audit.core.rounds import Opening, Round, RoundWord, Signature
from pdd_audit.core.scoring import score

AS_OF = datetime(2026, 10, 28, 18, 0)
CUT = datetime(2026, 10, 28, 16, 0)


def both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def a_question(name: str, zh: str, en: str, zh_fail: str, en_fail: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name, "weight": 4, "scale": "coverage_4", "title": {"ok": both(zh, en), "fail": both(zh_fail, en_fail)},
        "why": both("少了它就会超时。", "Without it parcels go late."), "source": {"key": "own", "basis": "derived"}, **changes,
    }


def a_practice(name: str, weight: int, title: tuple[str, str], short: tuple[str, str], items: Sequence[dict[str, Any]]) -> Practice:
    return Practice.model_validate({
        "schema": 1,
        "practice": {
            "id": name, "version": 3, "effective_from": "2026-11-23", "section_weight": weight, "title": both(*title),
            "short_title": both(*short), "why": both("为什么。", "Why."), "na_reasons": {"single_outlet": both("只有一个网点", "only one outlet")},
        },
        "items": list(items),
    })


def some_checklists() -> Checklists:
    """Five practices with thirteen questions: blockers, criteria, data-only and weightless ones among them."""
    levels = [("unmet", 0, "没有", "None"), ("partly", 0.3, "部分", "Some"), ("mostly", 0.7, "大部分", "Most"), ("met", 1, "全部", "All")]
    ends = [levels[0], levels[-1]]

    def scale(steps: Sequence[tuple[str, float, str, str]]) -> Scale:
        return Scale.model_validate({"levels": [{"code": c, "value": v, "label": both(zh, en), "means": both(zh, en)} for c, v, zh, en in steps]})

    curve = {"p10": 0.99, "median": 0.95, "worst": 0.8}
    pickup = {"metric": "pickup_24h_ratio", "min_n": 200, "curve": curve, "claim": {
        "met": {"at_least": 0.98}, "mostly": {"at_least": 0.96}, "partly": {"at_least": 0.9}}}
    reply = {"metric": "reply_3min_ratio", "min_n": 100, "curve": {"p10": 0.98, "median": 0.9, "worst": 0.5}, "claim": {
        "met": {"at_least": 0.95}, "mostly": {"at_least": 0.89}, "partly": {"at_least": 0.75}}}
    upload = {"metric": "upload_after_pickup_ratio", "min_n": 200, "curve": {"p10": 0.95, "median": 0.6, "worst": 0.1}, "claim": {
        "met": {"at_least": 0.9}, "mostly": {"at_least": 0.7}, "partly": {"at_least": 0.3}}}
    hours = {"metric": "pickup_hours_p90", "min_n": 100, "effect": "flag", "claim": {"met": {"at_most": 14}}}
    stop = {"levels": ["unmet", "partly"], "do": both("17:30 后不再上传极兔单号", "No J&T uploads after 17:30"), "effort_hours": 2}
    call = {"levels": ["unmet", "partly", "mostly"], "do": both("车迟到 30 分钟就打电话", "Phone when the van is 30 minutes late"), "effort_hours": 1}
    count_remedy = {"levels": ["unmet", "partly"], "do": both("交接时清点件数并双方签字", "Count parcels at handover and sign the sheet"), "effort_hours": 3}

    def remedies(*given: dict[str, Any]) -> list[dict[str, Any]]:
        return [{("for" if key == "levels" else key): value for key, value in remedy.items()} for remedy in given]

    practices = (
        a_practice("courier_choice", 3, ("快递选择", "Courier choice"), ("快递选择", "Choice"), [
            a_question("courier_choice.second_courier", "每个仓库都有备用快递", "Every warehouse has a spare courier",
                       "主网点一停，没有别家可发", "If the main outlet stops, there is no way out"),
            a_question("courier_choice.last_van", "知道每家末班车几点走", "The time of each last van is known",
                       "不知道末班车几点走", "Nobody knows when the last van leaves", weight=3),
            a_question("courier_choice.outlet_review", "每月比较各网点", "Outlets are compared every month",
                       "网点好坏凭感觉", "Outlets are judged by feel", weight=2),
        ]),
        a_practice("courier_coordination", 4, ("快递协同", "Courier coordination"), ("快递协同", "Coordination"), [
            a_question("courier_coordination.fixed_pickup_time", "每个网点都有固定的揽收时间", "Every outlet has a fixed pickup time",
                       "揽收时间靠当天临时约", "Pickup times are arranged day by day", weight=5, verify=pickup, remedies=remedies(call)),
            a_question("courier_coordination.handover_count", "交接时清点件数", "Parcels are counted at handover",
                       "交接清点没做", "parcels are not counted at handover", blocker={"fails_at": "unmet"}, remedies=remedies(count_remedy)),
            a_question("courier_coordination.rescan", "漏扫当天补扫", "Missed scans are repaired the same day",
                       "漏扫没人管", "Missed scans are nobody's job", weight=2, verify=hours),
        ]),
        a_practice("shipping_process", 4, ("发货流程", "Shipping process"), ("发货流程", "Shipping"), [
            a_question("shipping_process.upload_after_pickup", "单号在揽收后才上传", "Waybills are uploaded only after pickup",
                       "单号在揽收前就上传", "Waybills are uploaded before pickup", weight=5, verify=upload, remedies=remedies(stop)),
            a_question("shipping_process.weekly_review", "每周复盘超时件", "Late parcels are reviewed weekly",
                       "超时件没人复盘", "Late parcels are not reviewed", weight=2, scale="criteria_share", criteria=[
                           {"id": "list", **both("有清单", "there is a list")}, {"id": "cause", **both("写了原因", "causes are written")},
                           {"id": "owner", **both("有负责人", "someone owns it")}]),
            a_question("shipping_process.label_list", "打单清单当天核对", "The label list is checked the same day",
                       "打了单没发的没人知道", "Labels without parcels go unnoticed", weight=2),
            a_question("shipping_process.notes", "旺季另有安排", "There is a plan for peak season", "旺季没有安排", "No plan for peak season", weight=0),
        ]),
        a_practice("customer_service", 3, ("客服响应", "Customer service"), ("客服响应", "Service"), [
            a_question("customer_service.night_shift", "夜班一直有人回复", "Someone replies at night too",
                       "夜里没人回复", "Nobody replies at night", verify=reply),
            {**a_question("customer_service.fast_reply", "三分钟内有人回复", "Replies come within three minutes",
                          "回复慢", "Replies are slow", weight=3, kind="metric", verify={
                              "metric": "reply_3min_ratio", "min_n": 100, "curve": {"p10": 0.98, "median": 0.9, "worst": 0.5}}), "scale": None},
        ]),
        a_practice("incident_response", 3, ("事后应对", "Incident response"), ("事后应对", "Response"), [
            a_question("incident_response.tell_buyer", "超时前先告诉买家", "Buyers are told before the limit",
                       "买家自己发现", "Buyers find out by themselves"),
        ]),
    )
    return Checklists(
        scales={"coverage_4": scale(levels), "frequency_4": scale(levels), "met_unmet": scale(ends), "criteria_share": scale(ends)},
        practices=practices,
    )


def some_answers() -> dict[str, Answer]:
    said: dict[str, Any] = {
        "courier_choice.second_courier": "mostly", "courier_choice.last_van": "met", "courier_coordination.fixed_pickup_time": "met",
        "courier_coordination.handover_count": "partly", "courier_coordination.rescan": "partly",
        "shipping_process.upload_after_pickup": "mostly", "shipping_process.weekly_review": ("list", "cause"),
        "customer_service.night_shift": "met", "incident_response.tell_buyer": "unmet",
    }
    answers = {key: Answer(answer=value) for key, value in said.items()}
    answers["courier_choice.outlet_review"] = Answer(answer="na", reason="single_outlet")
    answers["courier_choice.second_courier"] = Answer(answer="mostly", proof="photo of the balance page")
    answers["courier_coordination.rescan"] = Answer(answer="unknown")
    return answers


def a_measurement(value: float | None, n: int = 0, low: float | None = None, high: float | None = None, reason: Reason | None = None) -> Measurement:
    return Measurement(value, n, low, high, reason)


def some_measurements() -> dict[str, tuple[Unit, float | None, Measurement]]:
    """Metric id -> (unit, target, what was measured)."""
    ways = {
        "mature": Estimate(0.97192, 15957, 0.9692, 0.9744), "survival": Estimate(0.9712, 16846, 0.9685, 0.9737),
        "today": Estimate(0.9707, 16846, 0.9680, 0.9733), "naive_collected": Estimate(0.9889, 16020), "naive_all": Estimate(0.9791, 16846),
    }
    pickup = Measurement(15509 / 15957, 15957, 0.9692, 0.9744, None, ways, datetime(2026, 10, 29, 20, 0))
    return {
        "promise_kept_ratio": ("ratio", 0.95, a_measurement(0.9612, 16102, 0.9581, 0.9641)),
        "pickup_24h_ratio": ("ratio", 0.97, pickup),
        "pickup_hours_p50": ("hours", None, a_measurement(7.4, 16846, 7.3, 7.5)),
        "pickup_hours_p90": ("hours", None, a_measurement(18.6, 16846, 18.2, 19.1)),
        "pickup_hours_p95": ("hours", None, a_measurement(None, 16846, 21.4, None, "too_early")),
        "first_move_24h_ratio": ("ratio", None, a_measurement(None, 0, reason="no_data")),
        "ship_hours_p50": ("hours", None, a_measurement(9.1, 17020, 9.0, 9.3)),
        "refund_before_pickup_ratio": ("ratio", None, a_measurement(0.0046, 15957, 0.0037, 0.0058)),
        "open_over_limit_count": ("count", None, a_measurement(112.0, 16846)),
        "reply_3min_ratio": ("ratio", 0.95, a_measurement(222 / 312, 312, 0.659, 0.759)),
        "reply_30s_ratio": ("ratio", None, a_measurement(0.512, 312, 0.4567, 0.567)),
        "reply_seconds_mean": ("seconds", None, a_measurement(186.4, 4102)),
        "upload_after_pickup_ratio": ("ratio", None, a_measurement(8504 / 15957, 15957, 0.5252, 0.5407)),
        "wave_kept_ratio": ("ratio", None, a_measurement(0.964, 83, 0.899, 0.988, "too_early")),
    }


def a_result(
    answers: Mapping[str, Answer] | None = None,
    measured: Mapping[str, tuple[Unit, float | None, Measurement]] | None = None,
    checklists: Checklists | None = None,
    **changes: Any,
) -> AuditResult:
    """An audit of 拾光家居店 in October. ``answers`` and ``measured`` feed the real scoring; ``changes`` replace parts of the result."""
    checklists = checklists or some_checklists()
    answers = some_answers() if answers is None else answers
    measured = some_measurements() if measured is None else measured
    found = {
        key: Finding(MetricInfo(key, unit, "higher" if unit == "ratio" else "lower", ""), measurement)
        for key, (unit, _, measurement) in measured.items()
    }
    scored = score(checklists, answers, found)
    findings = []
    for item in scored.items.values():
        verify = item.question.verify
        if verify is None or item.verdict in (None, "no_claim") or item.given is None or verify.metric not in measured:
            continue
        limit = next((limit for level, limit in verify.claim.items() if level == item.given.answer), None)
        m = measured[verify.metric][2]
        findings.append(FindingRecord(
            question=item.question.id, metric=verify.metric, verdict=item.verdict,
            claim={"level": item.given.answer, **limit.model_dump(exclude_none=True)} if limit else {},
            measured=EstimateRecord(value=m.value, low=m.low, high=m.high, n=m.n), rows=["YT0001"],
            rows_total=round((1 - (m.value or 0)) * m.n), counted_as=item.counted_as, better_than_said=item.better_than_said,
        ))
    parts: dict[str, Any] = {
        "shop": "拾光家居店", "as_of": AS_OF, "cut": CUT,
        "rules": RulesUsed(pack="pdd", effective_from="2025-05-15", figures_unverified=["pickup_limit_hours", "fine_min_yuan"]),
        "checklists": {practice.practice.id: practice.practice.version for practice in checklists.practices},
        "inputs": some_inputs(), "parcels": {
            "shipped": 17020, "collected": 16408, "open": 438, "covered": 16846, "mature": 15957, "open_over_limit": 112,
            "open_at_risk": 326, "pickup_unknown": 174},
        "metrics": {key: a_metric_record(*facts) for key, facts in measured.items()},
        "practices": scored.practices, "score": scored.score, "findings": findings, "plan": some_steps(),
        "waves": [
            Wave(courier="极兔速递", outlet="义乌佛堂", day="2026-10-16", band="16–20", parcels=64, breaches=62, verdict="missed"),
            Wave(courier="韵达快递", outlet=None, day="2026-10-09", band="16–20", parcels=41, breaches=37, verdict="missed"),
            Wave(courier="圆通速递", outlet="义乌北苑", day="2026-10-09", band="12–16", parcels=38, breaches=2, verdict="ordinary")],
        "warnings": [WarningRecord(code="partial_coverage", text="1% of the waybills are in no pickup file.", file=None)],
        "excluded": {"PICKUP_UNKNOWN": 174, "TOO_FRESH": 58, "TIME_INVALID": 3},
    }
    return AuditResult(**{**parts, **changes})


def a_metric_record(unit: Unit, target: float | None, m: Measurement) -> MetricRecord:
    verdict: Any = m.reason
    if verdict is None and target is not None and m.low is not None and m.high is not None:
        verdict = "pass" if m.low >= target else "fail" if m.high < target else "too_early"
    return MetricRecord(
        value=m.value, low=m.low, high=m.high, n=m.n, unit=unit, verdict=verdict, target=target, mature_until=m.mature_until,
        estimates={key: EstimateRecord(value=e.value, low=e.low, high=e.high, n=e.n) for key, e in m.estimates.items()},
        more_needed=2400 if verdict == "too_early" and m.n else None,
    )


def some_inputs() -> list[InputFile]:
    return [
        InputFile(file="订单导出_20261028.csv", kind="pdd_orders", sha256="5303" + "a1" * 30, rows_read=17311, rows_kept=17194,
                  left_out={"no_order_number": 3, "cancelled": 114}, warnings=[]),
        InputFile(file="极兔揽收明细10月.xlsx", kind="courier_pickups", sha256="978d" + "b2" * 30, rows_read=16412, rows_kept=16408,
                  left_out={"summary_row": 4}, warnings=[{"code": "collected_only", "values": {}}]),
        InputFile(file="客服数据.xls", kind="pdd_service", sha256="c0de" + "c3" * 30, rows_read=31, rows_kept=31, left_out={}, warnings=[]),
    ]


def some_steps() -> list[PlanStep]:
    return [
        PlanStep(action="17:30 后不再上传极兔单号", question="shipping_process.upload_after_pickup", practice="shipping_process", points=7.1,
                 yuan_low=980, yuan=1640, yuan_high=2300, hours=2, orders=312, why=""),
        PlanStep(action="车迟到 30 分钟就打电话", question="courier_coordination.fixed_pickup_time", practice="courier_coordination", points=3.9,
                 yuan_low=310, yuan=620, yuan_high=1050, hours=4, orders=118, why=""),
        PlanStep(action="交接时清点件数并双方签字", question="courier_coordination.handover_count", practice="courier_coordination", points=7.3,
                 yuan_low=120, yuan=410, yuan_high=700, hours=3.5, orders=78, why=""),
    ]


def without_yuan(steps: Sequence[PlanStep]) -> list[PlanStep]:
    return [step.model_copy(update={"yuan_low": None, "yuan": None, "yuan_high": None, "orders": None}) for step in steps]


def an_answers_only_result(**changes: Any) -> AuditResult:
    """No file was imported: claims alone, no money."""
    empty: dict[str, Any] = {
        "as_of": None, "cut": None, "rules": RulesUsed(pack="pdd", effective_from=None), "inputs": [], "parcels": {}, "waves": [],
        "warnings": [], "excluded": {}, "plan": without_yuan(some_steps()),
    }
    return a_result(measured={}, **{**empty, **changes})


def a_data_only_result(**changes: Any) -> AuditResult:
    """Files were imported, no question is answered yet."""
    return a_result(answers={}, **{"plan": [], **changes})


def an_empty_result(**changes: Any) -> AuditResult:
    """Nothing at all."""
    return an_answers_only_result(**{"plan": [], **changes}) if changes else a_result(
        answers={}, measured={}, as_of=None, cut=None, rules=RulesUsed(pack="pdd", effective_from=None), inputs=[], parcels={}, waves=[],
        warnings=[], excluded={}, plan=[],
    )


def a_capped_result(**changes: Any) -> AuditResult:
    """Everything in place but the handover count, which is a must-have."""
    answers = {item.id: Answer(answer="met") for practice in some_checklists().practices for item in practice.items if item.kind == "question"}
    answers["courier_coordination.handover_count"] = Answer(answer="unmet")
    return a_result(answers=answers, measured={}, **{"plan": without_yuan(some_steps()[2:]), **changes})


def a_hostile_result(**changes: Any) -> AuditResult:
    """Names that try to be markup, formulas, style ends and reversed text."""
    inputs = [file.model_copy(update={"file": name}) for file, name in zip(some_inputs(), HOSTILE, strict=True)]
    waves = [Wave(courier=HOSTILE[0], outlet=HOSTILE[2], day="2026-10-16", band="16–20", parcels=64, breaches=62, verdict="missed")]
    parts: dict[str, Any] = {"shop": HOSTILE[1], "inputs": inputs, "waves": waves,
                             "warnings": [WarningRecord(code="odd", text="{oops} <img src=x onerror=alert(1)>", file=HOSTILE[0])]}
    return a_result(**{**parts, **changes})


HOSTILE = (
    '<script>alert("1")</script>.csv',
    '</style><script>alert(2)</script>"; } body { display: none } =cmd|/c calc!A1 \\',
    "=HYPERLINK(\"http://evil.example\",\"x\")\u202egpj.exe" + "长" * 120,
)


MADE = datetime(2026, 10, 28, 18, 12)
SIGNED_BY = (("reviewer", "老板"), ("owner", "小李"))
TALKED = (
    ("courier_coordination.fixed_pickup_time", ("met", "unmet", "met"), "partly", "周五的车经常不来"),
    ("customer_service.night_shift", ("met", "met", "met"), "met", ""),
    ("courier_choice.outlet_review", (("na", "single_outlet"), "mostly", None), None, ""),
    ("shipping_process.weekly_review", (("list", "cause"), ("list",), "unknown"), ("list",), "清单在群里"),
)
DECIDED = (
    ("和网点签周五加班车", "小李", date(2026, 11, 5), "courier_coordination.fixed_pickup_time"), ("写下夜班名单", "老板", None, None),
    ("每周一看超时件", "小王", date(2026, 11, 2), "shipping_process.weekly_review"),
)


def a_round(
    title: str = "十月复盘", members: Sequence[str] = ("老板", "小李", "小王"), decided: Sequence[Any] = DECIDED, signed: Sequence[Any] = SIGNED_BY,
    log: tuple[int, str] = (123, "abcdef0123456789" * 4),
) -> Round:
    """A round from opening to both signatures, as its words are kept."""
    opening = Opening(title=title, questions=tuple(row[0] for row in TALKED), members=tuple(members), due=date(2026, 10, 31), template="0" * 64)
    words = [{"kind": "opened", "by": members[0], "opening": opening}]
    for question, said, _, note in TALKED:
        for member, given in zip(members, said, strict=False):
            if given is not None:
                na = given[0] == "na"
                answer = Answer(answer="na", reason=given[1]) if na else Answer(answer=given, note=note if member == members[1] else "")
                words.append({"kind": "answered", "by": member, "question": question, "answer": answer})
    words.append({"kind": "revealed", "by": members[0], "stakes": {TALKED[0][0]: 1234.5}})
    for question, _, agreed, _ in TALKED:
        words += [{"kind": "noted", "by": members[-1], "question": question, "text": "改到 17:30"}] if question == TALKED[0][0] else []
        words += [{"kind": "agreed", "by": members[0], "question": question, "answer": Answer(answer=agreed)}] if agreed else []
    words += [
        {"kind": "decided", "by": members[0], "text": text, "owner": owner, "due": due, "question": question, "id": str(at)}
        for at, (text, owner, due, question) in enumerate(decided)
    ]
    words += [
        {"kind": "signed", "by": by, "signature": Signature(role=role, fingerprint="0" * 64, audit="1" * 64, log_seq=log[0], log_hash=log[1])}
        for role, by in signed
    ]
    start = MADE - timedelta(minutes=len(words) - 1)
    return Round([RoundWord(round="1", at=start + timedelta(minutes=at), **word) for at, word in enumerate(words)])
