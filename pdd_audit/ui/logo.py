"""The sign at the top left, with its name in each language. Text in an SVG takes the machine's own fonts."""

from pdd_audit.texts import Lang

_FONTS = "'PingFang SC','HarmonyOS Sans SC','Microsoft YaHei','Noto Sans CJK SC','Source Sans 3','Segoe UI',sans-serif"


_MARK = (
    '<rect x="1" y="2" width="20" height="20" rx="4" fill="#0F5C6E"/>'
    '<path d="M6 12.5l3.5 3.5L16 9" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>'
)
# our own drawing: a named icon would be fetched from a server outside
ICON = f'<svg xmlns="http://www.w3.org/2000/svg" width="22" height="24" viewBox="0 0 22 24">{_MARK}</svg>'


def logo(lang: Lang, name: str) -> str:
    width = 92 if lang == "zh" else 150
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="24" viewBox="0 0 {width} 24" role="img">{_MARK}'
        f'<text x="28" y="17.5" font-family="{_FONTS}" font-size="15" font-weight="700" fill="#0B161C">{name}</text></svg>'
    )
