"""What only the browser can do, in constant scripts and styles: the language of the page, keys for the checklist, large letters, words of
our own in Streamlit's uploader. No data enters them."""

import re

import streamlit as st

from pdd_audit.texts import Lang

LANGUAGE_CODES: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
QUESTION = "question_card"  # keys of the containers and buttons that the script below looks for
PREVIOUS, NEXT = "previous", "next"
MEETING = "meeting_screen"

# Digits pick the answers of the question in view. N and P are the buttons' own shortcuts, but a focused radio or checkbox
# swallows them, so they are passed on. Text fields keep every key; a drawer or an input method in use switches all off.
# A field sends its text when it is left: before a reload it is left.
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
  window.addEventListener('beforeunload', () => document.activeElement?.blur());
}
""".replace("QUESTION", QUESTION)
    .replace("NEXT", NEXT)
    .replace("PREVIOUS", PREVIOUS)
)


# In a meeting everybody reads along on one screen: letters grow with it.
_BIG_TYPE = """
.MEETING { scroll-margin-top: 5rem }
.MEETING .QUESTION h1 { font-size: clamp(1.625rem, 2.8vw, 4.5rem); line-height: 1.25 }
.MEETING .QUESTION h2 { font-size: clamp(1.25rem, 1.9vw, 3rem) }
.MEETING .QUESTION h3 { font-size: clamp(1.125rem, 1.5vw, 2.5rem) }
.MEETING .stMarkdown p, .MEETING .QUESTION [role=radiogroup] p { font-size: clamp(1rem, 1.25vw, 2rem); line-height: 1.4 }
.MEETING .QUESTION [role=radiogroup] label p, .MEETING .QUESTION .stCheckbox label p
  { font-size: clamp(1.125rem, 1.75vw, 3rem); line-height: 1.3 }
.MEETING .QUESTION [role=radiogroup] label p > span { font-size: max(0.875rem, 0.7em) !important }
""".replace("MEETING", f"st-key-{MEETING}").replace("QUESTION", f"st-key-{QUESTION}")


def big_type(place: int) -> None:
    """For what is drawn in the containers ``MEETING`` and, inside it, ``QUESTION``. Another ``place`` is another question: it is shown from
    its first line."""
    st.html(f"<style>{_BIG_TYPE}</style>")
    st.html(f"<script>/* {place:d} */ document.querySelector('.st-key-{MEETING}')?.scrollIntoView()</script>", unsafe_allow_javascript=True)


def uploader_says(key: str, choose: str, hint: str) -> None:
    """Streamlit's uploader of this key speaks English to everybody: our own words are written over its own."""
    zone = f".st-key-{re.sub('[^A-Za-z0-9_-]', '-', key)} [data-testid=stFileUploaderDropzone"
    said = {f"{zone}] button p": choose, f"{zone}Instructions] span": hint}
    rules = (f'{place} {{ font-size: 0 }} {place}::after {{ content: "{words}"; font-size: 0.875rem }}' for place, words in said.items())
    st.html(f"<style>{' '.join(rules)}</style>")


def set_up_browser(lang: Lang) -> None:
    """Tell browser and screen reader the language (the page is marked English otherwise), and listen for keys once."""
    st.html(f"<script>document.documentElement.lang = '{LANGUAGE_CODES[lang]}';{_KEYS}</script>", unsafe_allow_javascript=True)
