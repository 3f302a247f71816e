"""Where files are dropped. Without a login Streamlit's own uploader; with one our own route, which asks who sends, and how much.

A page draws ``drop_zone`` and reads ``dropped``, under the same key, and need not know which it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from pdd_audit.core.people import Right
from pdd_audit.services.files_in import MEGABYTE, MOST_BYTES, files_in
from pdd_audit.services.team_mode import TOKEN
from pdd_audit.ui.browser import uploader_says
from pdd_audit.ui.session import Here, logged_in

SAID = ("choose", "sending", "too_large", "busy", "stopped", "login", "role", "failed")  # what the browser says of it, under app.upload

_HTML = """
<div class="zone" tabindex="-1">
  <label for="chosen"></label>
  <button type="button"></button>
  <input id="chosen" type="file" hidden>
  <span class="hint"></span>
  <p role="status" aria-live="polite"></p>
</div>
"""
_CSS = """
.zone { padding: 12px 16px; border: 1px dashed var(--st-border-color); border-radius: 8px; background: var(--st-secondary-background-color);
  color: var(--st-text-color); font: 1rem/1.6 var(--st-font) }
.zone.over { border-color: var(--st-primary-color) }
label { display: block; font-size: 0.875rem }
button { font: inherit; padding: 4px 12px; border: 1px solid var(--st-border-color); border-radius: 8px; cursor: pointer;
  background: var(--st-background-color); color: inherit }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px }
button:disabled { opacity: 0.5; cursor: default }
.hint { font-size: 0.875rem; margin-left: 8px }
p { margin: 8px 0 0; font-size: 0.875rem; white-space: pre-line }
p:empty { display: none }
"""
# Text enters as text only. One file after the other: two at once is the limit of a person, and another tab may need the second.
_JS = """
export default function ({ parentElement, data, setStateValue }) {
  const find = (what) => parentElement.querySelector(what);
  const [zone, input, button, status] = ['.zone', 'input', 'button', 'p'].map(find);
  find('label').textContent = data.label;
  find('.hint').textContent = data.hint;
  button.textContent = data.words.choose;
  input.multiple = data.many;
  input.accept = data.accept;
  const refusal = (code) => data.words[{ 401: 'login', 403: 'login', 408: 'stopped', 413: 'too_large', 429: 'busy' }[code] || 'failed'];
  const refused = (asks) => (asks.responseText.startsWith('403 role') ? data.words.role : refusal(asks.status));
  const put = (file) => new Promise((done) => {
    const asks = new XMLHttpRequest();
    asks.open('PUT', '/api/upload');
    asks.setRequestHeader('X-Token', data.token);
    asks.setRequestHeader('X-Shop', data.shop);
    asks.setRequestHeader('X-Right', data.right);
    asks.setRequestHeader('X-File-Name', encodeURIComponent(file.name));
    asks.setRequestHeader('Content-Type', 'application/octet-stream');
    asks.upload.onprogress = (at) => {
      const share = at.lengthComputable ? Math.floor((100 * at.loaded) / at.total) : 0;
      status.textContent = `${data.words.sending} ${file.name} ${share}%`;
    };
    asks.onload = () => done(asks.status === 200 ? { ticket: JSON.parse(asks.responseText).ticket } : { told: refused(asks) });
    asks.onerror = () => done({ told: data.words.failed });
    asks.send(file);
  });
  const send = async (files) => {
    const tickets = [];
    const told = [];
    button.disabled = true;
    for (const file of data.many ? files : files.slice(0, 1)) {
      const end = file.size > data.most ? { told: data.words.too_large } : await put(file);
      if (end.ticket) tickets.push(end.ticket);
      else told.push(`${file.name}: ${end.told}`);
    }
    button.disabled = false;
    input.value = '';
    status.textContent = told.join('\\n');
    if (tickets.length) setStateValue('tickets', tickets);
  };
  button.onclick = () => input.click();
  input.onchange = () => send([...input.files]);
  zone.ondragover = (event) => { event.preventDefault(); zone.classList.add('over'); };
  zone.ondragleave = () => zone.classList.remove('over');
  zone.ondrop = (event) => { event.preventDefault(); zone.classList.remove('over'); send([...event.dataTransfer.files]); };
}
"""


@dataclass(frozen=True)
class Dropped:
    """A file as it was sent."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Wanted:
    """``kinds``: endings the browser offers, without a dot; none: all, since the reader looks inside anyway. ``right``: what taking the
    files in will need."""

    many: bool = False
    kinds: Sequence[str] = ()
    megabytes: int | None = None
    right: Right = Right.IMPORT_FILES


def drop_zone(
    here: Here, label: str, key: str, wanted: Wanted, on_change: Callable[..., None] | None = None, args: tuple[Any, ...] = ()
) -> None:
    """Draws it. ``on_change``: called with ``args`` once files are there."""
    if logged_in() is None:
        st.file_uploader(
            label, type=list(wanted.kinds) or None, key=key, accept_multiple_files=wanted.many, max_upload_size=wanted.megabytes,
            on_change=on_change, args=args,
        )
        megabytes = wanted.megabytes or st.get_option("server.maxUploadSize")
        uploader_says(key, here.words("app.upload.choose"), here.words("app.upload.hint", megabytes=megabytes))
        return
    most = min((wanted.megabytes or MOST_BYTES // MEGABYTE) * MEGABYTE, MOST_BYTES)
    _component()(
        key=key,
        data={
            "label": label, "many": wanted.many, "accept": ",".join(f".{kind}" for kind in wanted.kinds), "most": most,
            "hint": here.words("app.upload.hint", megabytes=most // MEGABYTE), "token": st.context.headers.get(TOKEN) or "",
            "shop": here.shop.id if here.shop else "", "right": wanted.right,
            "words": {name: here.words(f"app.upload.{name}") for name in SAID},
        },
        on_tickets_change=lambda: on_change(*args) if on_change else None,
    )


def dropped(key: str) -> list[Dropped]:
    """What lies in the drop zone of this key; callbacks read it too."""
    person, held = logged_in(), st.session_state.get(key)
    if person is None:
        return [Dropped(one.name, one.getvalue()) for one in (held if isinstance(held, list) else [held] if held is not None else [])]
    found = (files_in().find(str(ticket), person) for ticket in _tickets(held))
    return [Dropped(one.name, one.data) for one in found if one is not None]


def taken_in(key: str) -> None:
    """The files of this key are read: nothing of them waits any more. Another drop zone needs another key."""
    person = logged_in()
    for ticket in _tickets(st.session_state.get(key)) if person is not None else ():
        files_in().forget(str(ticket), person or "")


def _tickets(held: Any) -> list[Any]:
    told = held.get("tickets") if hasattr(held, "get") else None
    return list(told) if isinstance(told, list) else []


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("pdd_audit_drop_zone", html=_HTML, css=_CSS, js=_JS)
