"""What to tell buyers and what to do for them: ``responses/messages.yaml``, ``wording.yaml`` and ``remedies.yaml``."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.incidents.message_linter import Linter, Wording, wording_faults
from pdd_audit.core.incidents.messages import Messages, message_faults
from pdd_audit.core.incidents.remedies import RemedyMenu, menu_faults
from pdd_audit.data.content.checklists import load_rules, load_sources
from pdd_audit.data.content.documents import read_document, refusals, shaped
from pdd_audit.data.content.folder import default_folder

MESSAGES, WORDING, REMEDIES = (f"responses/{name}.yaml" for name in ("messages", "wording", "remedies"))


@dataclass(frozen=True)
class Responses:
    """The texts, the reader that refuses words, and the menu of remedies."""

    messages: Messages
    wording: Wording
    linter: Linter
    menu: RemedyMenu


def load_responses(folder: Path | None) -> Responses:
    """Those of a folder; the shipped ones where it brings none. Raises AuditError for the first thing that is wrong."""
    own = folder is not None and (folder / MESSAGES).is_file()
    return _responses(folder if own and folder is not None else default_folder())


@cache
def _responses(folder: Path) -> Responses:
    for error in _wrong(folder, None, None):
        raise error
    wording = shaped(read_document(folder / WORDING, WORDING), Wording)
    messages = shaped(read_document(folder / MESSAGES, MESSAGES), Messages)
    return Responses(messages, wording, Linter(wording), shaped(read_document(folder / REMEDIES, REMEDIES), RemedyMenu))


def check_responses(folder: Path) -> list[AuditError]:
    """Everything that is wrong with the three files; nothing for a folder that brings none of them."""
    if not (folder / MESSAGES).is_file():
        return []
    try:
        rules = load_rules(folder)
        figures = {*rules.shared, *(name for pack in rules.packs for name in pack.figures)}
        return list(_wrong(folder, figures, load_sources(folder)))
    except AuditError as error:
        return [error]


def _wrong(folder: Path, figures: Collection[str] | None, sources: Collection[str] | None) -> Iterator[AuditError]:
    """File by file; a file that cannot be read ends it, since the next ones are held against it."""
    try:
        document = read_document(folder / WORDING, WORDING)
        wording = shaped(document, Wording)
        wrong = wording_faults(wording)
        yield from refusals(document, wrong)
        if wrong:
            return
        menu_document, document = read_document(folder / REMEDIES, REMEDIES), read_document(folder / MESSAGES, MESSAGES)
        menu, messages = shaped(menu_document, RemedyMenu), shaped(document, Messages)
        yield from refusals(document, message_faults(messages, Linter(wording), [one.id for one in menu.remedies]))
        texts = [message.id for situation in messages.situations for message in situation.messages]
        yield from refusals(menu_document, menu_faults(menu, texts, figures, sources))
    except AuditError as error:
        yield error
