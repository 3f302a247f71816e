"""Masks phone numbers, pick-up codes and the names beside them in a courier's sentence; the event it tells stays readable."""

import re

MASK = "***"
_NUMBER = r"(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?[\d*]{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}|400[- ]?\d{3,4}[- ]?\d{3,4}|9\d{4,5})"
_PHONE = re.compile(rf"(?<![\dA-Za-z]){_NUMBER}(?:-\d{{1,6}})?(?!\d)")
# A name right before a number, as in "的某某(13800000000)已揽收"; a branch ends with a bracket and is not touched.
_NAME_BEFORE = re.compile(rf"(?<=[的】\]:：,，-])[\u4e00-\u9fff·]{{2,4}}(?=\s*[(（\[【]?{_NUMBER}(?!\d))")
# A name after its role, as in "签收人：某某"; never a word that says what happened.
_NAME_AFTER = re.compile(
    r"((?:收|取|投|派|送|递|业务|联系|扫描|签收)(?:件|送|递|务|揽)?(?:员|人)(?:姓名|是)?\s*[:：]\s*)"
    r"(?!已|正|待|未|本人|他人|门卫|家人|同事|前台|物业)[\u4e00-\u9fff·]{2,4}(?=[\s,，;；。()（）\[\]【】*]|$|\d)"
)
_PICKUP_CODE = re.compile(r"((?:取件码|取货码|提货码)\s*[:：为是]?\s*[「“\"【]?)[A-Za-z0-9][A-Za-z0-9-]{2,}")


def masked(text: str) -> str:
    """The sentence without what identifies a person, as far as its wording shows it."""
    text = _NAME_BEFORE.sub(MASK, text)
    text = _PHONE.sub(MASK, text)
    text = _NAME_AFTER.sub(rf"\g<1>{MASK}", text)
    return _PICKUP_CODE.sub(rf"\g<1>{MASK}", text)
