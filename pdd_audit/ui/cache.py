"""What the screen keeps between reruns: bounded, keyed by small exact values (home, shop, digest of data, version of answers)."""

import hashlib
import json

import streamlit as st

from pdd_audit.core.imports import ImportReport
from pdd_audit.core.questions import Answer
from pdd_audit.core.result import Scope
from pdd_audit.services.answers import load_answers
from pdd_audit.services.import_files import list_imports, readings_of
from pdd_audit.services.run_audit import Audit, run_audit
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts import Lang
from pdd_audit.ui.session import Here


def imports(here: Here) -> list[ImportReport]:
    """The shop's files, each with the reading in force: the user's own where there is one."""
    if here.shop is None:
        return []
    chosen = readings_of(here.ws, here.shop.id)
    return [
        report.model_copy(update={"reading": chosen[report.sha256]}) if report.sha256 in chosen else report
        for report in list_imports(here.ws, here.shop.id)
    ]


def answers(here: Here) -> dict[str, Answer]:
    return load_answers(here.ws, here.shop.id) if here.shop else {}


def audit(here: Here) -> Audit | None:
    """The audit of the shop as it stands; None without a shop. Shared between sessions: nobody changes it."""
    if here.shop is None:
        return None
    ledger = _digest(sorted((report.sha256, report.reading or "") for report in imports(here)))
    version = _digest(sorted((id, answer.model_dump_json()) for id, answer in answers(here).items()))
    return _audit(here.ws, str(here.ws.home), here.shop.id, here.shop.name, ledger, version, here.scope, here.lang)


@st.cache_resource(max_entries=16, show_spinner=False)
def _audit(_ws: Workspace, home: str, shop_id: str, shop_name: str, ledger: str, version: str, scope: Scope, lang: Lang) -> Audit:  # noqa: ARG001 - the rest is the key
    return run_audit(_ws, shop_id, scope=scope, lang=lang)


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
