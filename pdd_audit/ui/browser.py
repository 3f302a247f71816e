"""What only the browser can do, in one constant script: the language of the page and keys for the checklist. No data enters it."""

import streamlit as st

from pdd_audit.texts import Lang

LANGUAGE_CODES: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
QUESTION = "question_card"  # keys of the containers and buttons that the script below looks for
PREVIOUS, NEXT = "previous", "next"

# Digits pick the answers of the question in view. N and P are the buttons' own shortcuts, but a focused radio or checkbox
# swallows them, so they are passed on. Text fields keep every key; a drawer or an input method in use switches all off.
_KEYS = (
    """
if (!window.pddAuditKeys) {
  window.pddAuditKeys = true;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('[role=dialog]')) return;
    const card = document.querySelector('.st-key-QUESTION');
    const at = event.target;
    const choice = at.matches('input[type=radio], input[type=checkbox]');
    if (!card || (!choice && at.matches('input, textarea, select, [contenteditable=true]'))) return;
    const button = choice && {n: 'NEXT', p: 'PREVIOUS'}[event.key.toLowerCase()];
    if (button) {
      at.blur();
      card.querySelector('.st-key-' + button + ' button')?.click();
    } else if (/^[1-9]$/.test(event.key)) {
      card.querySelectorAll('input[type=radio], input[type=checkbox]')[Number(event.key) - 1]?.click();
    }
  }, true);
}
""".replace("QUESTION", QUESTION)
    .replace("NEXT", NEXT)
    .replace("PREVIOUS", PREVIOUS)
)


def set_up_browser(lang: Lang) -> None:
    """Tell browser and screen reader the language (the page is marked English otherwise), and listen for keys once."""
    st.html(f"<script>document.documentElement.lang = '{LANGUAGE_CODES[lang]}';{_KEYS}</script>", unsafe_allow_javascript=True)
