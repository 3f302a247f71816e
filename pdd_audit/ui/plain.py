"""Foreign text (file names, shops, couriers, answers) made safe for Markdown: the only way it may enter a label or a sentence."""

import re

JOINER = "\u2060"
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&^=\"'/])")


def md_escape(text: str) -> str:
    """``text`` as it stands, without links, images, icons, emoji, mathematics or line breaks.

    A word joiner after ":" and "@" and before the dot of "www." stops what the renderer does after parsing
    (``:material/...:``, ``:smile:``, bare addresses); the backslash stops the rest.
    """
    line = " ".join(text.split())
    line = re.sub(r"(?i)\b(www)\.", rf"\1{JOINER}.", line)
    return _PUNCTUATION.sub(r"\\\1", line).replace(":", f":{JOINER}").replace("@", f"@{JOINER}")


def unbroken(text: str) -> str:
    """``text`` on one line: Chinese may otherwise break after every sign, and a narrow table makes a column of a name."""
    return JOINER.join(text)


def shortened(text: str, longest: int = 48) -> str:
    """A long file name with its middle left out, so that its ending stays readable."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
