"""The name of what a result rests on: the same wherever it is made and in whatever order, another one as soon as anything differs."""

import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest

from pdd_audit.core.fingerprint import Basis, file_facts
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.questions import Answer, Attachment
from pdd_audit.core.waterfall import AuditInputs
from tests.core.builders import a_practice, a_question, checklists, said
from tests.core.test_scoring import ANSWERS, FINDINGS, TEMPLATE

TICKS = [{"id": name, "zh": "字", "en": "word"} for name in ("one", "two")]
LISTED = checklists(*TEMPLATE.practices, a_practice("zz", 1, a_question("zz.list", 1, scale="criteria_share", criteria=TICKS)))
GIVEN = {**ANSWERS, "zz.list": said(("one", "two"))}
FILES = [
    file_facts(ImportReport(file="a.csv", kind="pdd_orders", source="pdd_orders", sha256="a" * 64, size_bytes=1, rows_read=1, rows_kept=1), None),
    file_facts(ImportReport(file="b.csv", kind="courier_pickups", source="scan", sha256="b" * 64, size_bytes=1, rows_read=1, rows_kept=1), "lists_open"),
]
BASIS = Basis(AuditInputs(LISTED, GIVEN, FINDINGS), FILES, datetime(2026, 11, 23, 18), "rules")


def with_answer(**answers: Answer) -> Basis:
    return replace(BASIS, inputs=replace(BASIS.inputs, answers=GIVEN | {name.replace("__", "."): one for name, one in answers.items()}))


def test_no_order_counts():
    chance = random.Random(5)
    practices = [p.model_copy(update={"items": tuple(chance.sample(p.items, len(p.items)))}) for p in LISTED.practices]
    chance.shuffle(practices)
    shuffled = AuditInputs(checklists(*practices), dict(reversed(GIVEN.items())) | {"zz.list": said(("two", "one"))}, dict(reversed(FINDINGS.items())))
    assert Basis(shuffled, FILES[::-1], BASIS.moment, BASIS.measured_by).fingerprint == BASIS.fingerprint


def test_another_process_with_another_hash_seed_gives_the_same():
    code = "from tests.core.test_fingerprint import BASIS; print(BASIS.fingerprint)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "77"})
    assert run.stdout.strip() == BASIS.fingerprint


def test_words_that_change_no_number_and_the_last_digits_of_a_machine_do_not_count():
    noted = GIVEN["co.fixed"].model_copy(update={"note": "记一笔"})
    close = {name: replace(found, measured=replace(found.measured, value=found.measured.value + 1e-15)) for name, found in FINDINGS.items()}
    assert with_answer(co__fixed=noted).fingerprint == BASIS.fingerprint
    assert replace(BASIS, inputs=replace(BASIS.inputs, findings=close)).fingerprint == BASIS.fingerprint


PROVEN = GIVEN["co.fixed"].model_copy(update={"attached": (Attachment(sha256="c" * 64, kind="png", name="x.png"),)})
HEAVIER = checklists(*LISTED.practices[:-1], a_practice("zz", 1, a_question("zz.list", 2, scale="criteria_share", criteria=TICKS)))


@pytest.mark.parametrize("other", [
    with_answer(co__fixed=said("mostly")), with_answer(co__fixed=PROVEN), with_answer(co__fixed=said("met", "交接单")), with_answer(zz__list=said(("one",))),
    replace(BASIS, inputs=replace(BASIS.inputs, checklists=HEAVIER)), replace(BASIS, inputs=replace(BASIS.inputs, scope="quick")),
    replace(BASIS, files=FILES[:1]), replace(BASIS, files=[FILES[0], FILES[1] | {"reading": "collected_only"}]),
    replace(BASIS, moment=datetime(2026, 11, 23, 19)), replace(BASIS, moment=None), replace(BASIS, measured_by="other rules"),
    replace(BASIS, official=BASIS.inputs),
])
def test_anything_else_gives_another_name(other):
    assert other.fingerprint != BASIS.fingerprint
    assert len(other.fingerprint) == 64
