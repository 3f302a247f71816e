"""What the cells of an unknown column look like: which kind of value, and whether a person stands in them. Only ever a guess."""

import re
from collections.abc import Callable, Iterable, Sequence

from pdd_audit.data.reading.collection_words import event_of
from pdd_audit.data.reading.sources import Source, couriers, fold, source

HIDDEN = "•••"
_MOST = 0.6
_SOME = 0.2
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?(?:\d{4}|\*{4})[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
_ID_CARD = re.compile(r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])")
_MASKED_ID = re.compile(r"(?<!\d)\d{3,6}\*{4,}\d{2,4}[\dXx]?")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_ADDRESS = re.compile(r"[省市区县州].{0,30}(?:路|街|道|巷|弄|村|镇|号|栋|幢|单元|室|小区|大厦)")
_MASKED_NAME = re.compile(r"[\u4e00-\u9fff]\s?[*＊xX某]{1,3}\s?[\u4e00-\u9fff]?(?:先生|女士|小姐)?")
# The most frequent surnames: about nine in ten people. A column of such short texts is taken for names.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方"
    "邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤欧阳司马诸葛"
)
_NAME = re.compile(f"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}")
_TIME = re.compile(r"20\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]*\d{1,2}[:时]\d{1,2}.*)?|20\d{12}|1[67]\d{8}(?:\d{3})?")
_DAY = re.compile(r"20\d{2}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?")
_ORDER = re.compile(r"\d{6}-\d{9,18}|\d{8}-\d{9}|\d{21}")
_WAYBILL = re.compile(r"(?:[A-Z]{2,4}\d{9,15}|\d{12,15}|[A-Z]{2}\d{9}[A-Z]{2})(?:-\d{1,3})?")
_MONEY = re.compile(r"[¥￥]?[-+]?\d{1,7}(?:\.\d{1,2})?元?")
_BOOKING = re.compile(r"\d{7}[|｜]")
_SENTENCE = re.compile(r"[\u4e00-\u9fff]{2}.*[。？！?!～~]|[\u4e00-\u9fff]{3}，[\u4e00-\u9fff]{3}")
_WHOLE = re.compile(r"\d{1,5}")
_RATE = re.compile(r"\d{1,3}(?:\.\d+)?%|[01]\.\d+|1|0")
_AMOUNT = re.compile(r"\d{1,6}(?:\.\d+)?(?:秒|s|分钟|分)?")
_PLAIN = re.compile(r"[\d\s.,:：/%+¥￥元件票_()（）#-]*|[A-Za-z]{0,6}[-_]?\d[\dA-Za-z_-]*")
_PROVINCES = frozenset((  # their first two letters
    "北京", "天津", "河北", "山西", "内蒙", "辽宁", "吉林", "黑龙", "上海", "江苏", "浙江", "安徽",
    "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州",
    "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "香港", "澳门", "台湾",
))
_COURIER_REST = re.compile(r"(?:[\u4e00-\u9fff]{2,4}-)?(?:快递|速递|速运|物流|快运|包裹|国际)*")

Shape = Callable[[str], bool]


def tidy(cell: str) -> str:
    """A cell without the platform's TABs and wrappers."""
    text = " ".join(cell.replace("\\t", " ").split())
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text.removeprefix("'")


def _matches(pattern: re.Pattern[str]) -> Shape:
    return lambda text: pattern.fullmatch(text) is not None


def _status(text: str) -> bool:
    return fold(text).replace(",", "，") in source("pdd_orders").extra["statuses"]


def _courier(text: str) -> bool:
    marks = (mark for marks in couriers().values() for mark in marks if mark in text)
    return len(text) <= 16 and any(_COURIER_REST.fullmatch(text.replace(mark, "", 1)) for mark in marks)


def _province(text: str) -> bool:
    return len(text) <= 8 and text[:2] in _PROVINCES and not _ADDRESS.search(text)


def _trace_status(text: str) -> bool:
    sheet = source("courier_pickups").extra
    return any(word in text and len(text) - len(word) <= 2 for word in (*sheet["collected_if"], *sheet["not_collected_if"]))


# Column of ours -> what its cells must look like. Columns that are not named here may hold any text.
SHAPES: dict[str, Shape] = {
    **dict.fromkeys(
        (
            "confirmed_at", "paid_at", "promised_ship_at", "shipped_at", "picked_up_at", "hub_scan_at", "hub_handover_at", "snapshot_at",
            "delivering_at", "signed_at", "scanned_at", "sent_at", "requested_at", "refunded_at", "booked_at", "decided_at", "labelled_at",
        ),
        _matches(_TIME),
    ),
    "order_no": _matches(_ORDER),
    "waybill": _matches(_WAYBILL),
    "courier": _courier,
    "status": _status,
    "latest_status": _trace_status,
    "province": _province,
    **dict.fromkeys(
        ("received_yuan", "amount_yuan", "income_yuan", "expense_yuan", "fine_yuan"), _matches(_MONEY)
    ),
    "after_sale_no": _matches(re.compile(r"[0-9A-Z-]{6,40}")),
    **dict.fromkeys(("op_code", "scan_code"), _matches(re.compile(r"\d{1,4}"))),
    "label": lambda text: event_of(label=text) != "unknown",
    "text": lambda text: event_of(text=text) != "unknown",
    "quantity": _matches(_WHOLE),
    "goods_id": _matches(re.compile(r"\d{6,20}")),
    "day": _matches(_DAY),
    **dict.fromkeys(("consults", "received", "inquiries", "missed_3min"), _matches(_WHOLE)),
    **dict.fromkeys(("rate_3min", "rate_30s"), _matches(_RATE)),
    "mean_seconds": _matches(_AMOUNT),
}
# Of these the values alone say what the column is, whatever its header.
_TELLING = frozenset({"order_no", "waybill", "courier"})
# Columns whose cells are put into a class: the list of marks in the source that says into which.
_CLASSED = frozenset({"status", "kind", "reason", "violation", "state", "sender"})


def shape_of(own: Source, column: str) -> Shape | None:
    """What the cells of a column must look like in this layout; None if they may hold any text."""
    marks = own.extra.get(f"{column}_marks") if column in _CLASSED else None
    if marks:
        every = tuple(str(mark).lower() for named in marks.values() for mark in named)
        return lambda text: any(mark in text.lower() for mark in every)
    if column == "business":
        names = tuple(mark for named in own.extra["category_marks"].values() for mark in named)
        return lambda text: _BOOKING.match(text) is not None or any(mark in text for mark in names)
    return SHAPES.get(column)


def is_telling(own: Source, column: str) -> bool:
    return column in _TELLING or (column == "status" and own.kind == "pdd_orders")


def share(cells: Iterable[str], shape: Shape) -> float | None:
    """The share of the filled cells that have a shape; None if none is filled."""
    filled = [text for cell in cells if (text := tidy(cell)) and text not in {"-", "--", "/", "无", "null"}]
    return sum(shape(text) for text in filled) / len(filled) if filled else None


def personal_cell(cell: str) -> bool:
    """A phone, an identity card, an address, a mail address or a masked name stands in this cell."""
    text = tidy(cell)
    if _ORDER.fullmatch(text) or _WAYBILL.fullmatch(text) or _TIME.fullmatch(text):
        return _ID_CARD.fullmatch(text) is not None
    if any(pattern.search(text) for pattern in (_PHONE, _ID_CARD, _MASKED_ID, _MAIL, _ADDRESS)):
        return True
    return len(text) <= 8 and _MASKED_NAME.fullmatch(text) is not None


def personal_column(cells: Sequence[str], *, known: bool) -> bool:
    """Whether the column is about people. ``known``: its header says it is something else; then only numbers of people speak against it.

    Otherwise some of its cells say so by themselves, or most are short texts that begin with a surname.
    """
    if known:
        numbers = share(cells, lambda text: any(pattern.fullmatch(text) for pattern in (_PHONE, _ID_CARD, _MASKED_ID)))
        return numbers is not None and numbers >= _MOST
    personal = share(cells, personal_cell)
    if personal is None:
        return False
    named = share(cells, lambda text: _NAME.fullmatch(text) is not None and not _ordinary(text)) or 0.0
    return personal >= _SOME or named >= _MOST or _written(cells)


def _written(cells: Sequence[str]) -> bool:
    """Whether a column holds what people wrote to each other: sentences, hardly any of them twice."""
    texts = [text for cell in cells if (text := tidy(cell))]
    sentences = sum(_SENTENCE.search(text) is not None and _TIME.fullmatch(text) is None for text in texts)
    return len(set(texts)) >= _MOST * len(texts) and sentences >= _SOME * len(texts)


def harmless(cell: str) -> bool:
    """Whether a cell can be shown although no header speaks for it: numbers, codes, times, and words of the trade."""
    text = tidy(cell)
    if not text:
        return True
    return not personal_cell(text) and (_plain(text) or _ordinary(text))


def looks_like_data(cells: Sequence[str]) -> bool:
    """Whether a row holds values where headers should stand."""
    filled = [text for cell in cells if (text := tidy(cell))]
    values = sum(any(look(text) for look in (_plain, personal_cell, _courier, _province, _status)) for text in filled)
    return values >= max(2, 0.4 * len(filled))


def _plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None or _TIME.fullmatch(text) is not None


def _ordinary(text: str) -> bool:
    return any(look(text) for look in (_courier, _province, _status, _trace_status))
