"""What no message to a buyer may say is found however it is disguised, and what may be said is left alone."""

import time
from pathlib import Path

import pytest

from pdd_audit.core.incidents.message_linter import Linter, Rule, Wording, wording_faults
from pdd_audit.data.content.responses import load_responses

FOLDER = Path(__file__).resolve().parents[2] / "checklists"
WORDING = load_responses(FOLDER).wording
LINTER = load_responses(FOLDER).linter

BAD = [
    ("加我微信聊，给您补运费", "private_contact"),
    ("加薇 信 详谈", "private_contact"),
    ("加个 V·X：lao_ban88", "private_contact"),
    ("ｗｘ：lao_ban88", "private_contact"),
    ("加我 Q Q 说", "private_contact"),
    ("加扣扣 88880000", "private_contact"),
    ("请打１３８００１３８０００", "private_contact"),
    ("打 1-3-8 0 0 1 3 8 0 0 0 找老板", "private_contact"),
    ("手机：幺三八 零零幺三 八零零零", "private_contact"),
    ("打138oo138ooo找我", "private_contact"),
    ("电话 0571-88881234", "private_contact"),
    ("客服热线 400 800 1234", "private_contact"),
    ("扫一扫图里的码进群", "private_contact"),
    ("麻烦留个手机号，我联系您", "private_contact"),
    ("私聊我，给您优惠", "private_contact"),
    ("加V聊", "private_contact"),
    ("加微\u200b信领红包", "private_contact"),
    ("Add me on WeСhat: shop88", "private_contact"),
    ("my w e c h a t is shop88", "private_contact"),
    ("message us on WhatsApp", "private_contact"),
    ("scan the QR-code on the box", "private_contact"),
    ("write to shop88 (at) example . com", "private_contact"),
    ("请打开 https://example.com/a 领取", "link"),
    ("请看 ｗｗｗ．example．ｃｏｍ", "link"),
    ("登录 example 点 com 查物流", "link"),
    ("复制下面的链接打开", "link"),
    ("see example dot com for the trace", "link"),
    ("您去淘宝店里拍更快", "off_platform"),
    ("我们私下补您 5 元", "off_platform"),
    ("把支付寶賬號发来".replace("寶", "宝"), "off_platform"),
    ("我给您转账 10 元", "off_platform"),
    ("换一个，到我们另一家店下单", "off_platform"),
    ("let us settle it outside the platform", "off_platform"),
    ("please order in our other shop", "off_platform"),
    ("麻烦撤销一下投诉", "complaint_or_review"),
    ("请您取消售后申请", "complaint_or_review"),
    ("把差 评 改一下好吗", "complaint_or_review"),
    ("给个五星好评", "complaint_or_review"),
    ("先确认收货，返您 3 元", "complaint_or_review"),
    ("別投訴，我们补您", "complaint_or_review"),
    ("if you withdraw your complaint we add a gift", "complaint_or_review"),
    ("please leave a 5-star review", "complaint_or_review"),
    ("could you change your review", "complaint_or_review"),
    ("我们马上给您发", "empty_promise"),
    ("尽 快 安排，请放心", "empty_promise"),
    ("今天一定寄出", "empty_promise"),
    ("18:00 前有车来。我们会第一时间处理", "empty_promise"),
    ("這兩天就到".replace("這", "这").replace("兩", "两"), "empty_promise"),
    ("we will ship it immediately", "empty_promise"),
    ("it will definitely leave", "empty_promise"),
    ("we will get back to you as soon as possible", "empty_promise"),
    ("先让网点点一下揽收", "false_scan"),
    ("我给您做个轨迹", "false_scan"),
    ("先寄个空 包 占着时间", "false_scan"),
    ("用别的单号先顶上", "false_scan"),
    ("the outlet can scan it before it arrives", "false_scan"),
    ("we will use a dummy tracking number", "false_scan"),
    ("您的包裹已揽收", "says_collected"),
    ("包裹已经寄出", "says_collected"),
    ("your parcel is on its way", "says_collected"),
    ("李女士那单也没收", "others_data"),
    ("同批的 261018-123456789012345 也没走", "others_data"),
    ("地址是 3 栋 502 室对吗", "others_data"),
    ("another buyer's parcel is late too", "others_data"),
    ("把您的地址发给我", "asks_for_data"),
    ("please send us your full address", "asks_for_data"),
    ("平台会赔您 5 元", "platform_amount"),
    ("the platform will pay you 5 yuan", "platform_amount"),
    ("不然我们要被罚款", "internal_words"),
    ("otherwise we get fined", "internal_words"),
    ("已经发货了不能退", "blocks_refund"),
    ("退款原因请选不想要了", "blocks_refund"),
    ("we cannot refund it now", "blocks_refund"),
    ("您的{product}打包好了", "not_filled"),
]
GOOD = [
    "您好，快递员会给您打电话，请留意来电。",
    "我们已打电话给网点，18:00 前告诉您结果。",
    "您有别的打算，请随时说。",
    "退款按原路退回您的支付宝。",
    "今天改用另一家快递寄出，新单号 18:00 前发给您。",
    "您反映的问题我们看到了，已如实提交。",
    "您可以随时取消订单，我们会同意。",
    "我们尽快处理，今天 18:00 前给您结果。",
    "两小时内一定给您答复。",
    "马上联系网点，下午三点前回您。",
    "网点正在找实物，找到后补扫，18:00 前告诉您。",
    "页面上还没有揽收记录，抱歉。",
    "快递还没上门来收，已安排揽收，18:00 前给您结果。",
    "已联系网点来收走，20:30 前告诉您。",
    "请在订单页修改收货信息，18:00 前改好今天就能寄。",
    "补偿由平台核定，请以订单页显示为准。",
    "我们用平台的小额打款补您 3 元，您什么都不用做。",
    "想退款也可以，我们会同意。",
    "送您一张 5 元店铺优惠券，12 月 31 日前可用。",
    "我们在包裹里放了一双棉袜，算一点心意。",
    "第一个包裹一直查不到记录，重新寄了一件，以新单号为准。",
    "同一批的包裹都在等 20:30 的班车。",
    "2026-11-23 13:30–17:00，200 件在等车，18:00 前给您准信。",
    "这款锅有 1380 克，请放心使用。",
    "微波炉适用的饭盒已经打包好。",
    "Hello, your flannel blanket is packed and waits for the 18:00 van.",
    "We chat with the outlet every hour and write again by 18:00.",
    "It is fine to wait until 18:00 or to take the refund.",
    "Sorry. Come back any time; we answer from 8:00.",
    "We will write as soon as the scan shows, by 18:00 at the latest.",
    "The parcel has not been collected yet; the outlet is looking for it.",
    "Your refund is agreed and the money returns the way it came.",
    "You may cancel the order at any time.",
    "Please correct the delivery details on the order page.",
    "We will tell you immediately when it is scanned, at 18:00 at the latest.",
    "Today it goes with another courier; the number follows by 18:00.",
]


@pytest.mark.parametrize(("message", "rule"), BAD, ids=[message for message, _ in BAD])
def test_a_bad_message_is_refused_for_its_reason_with_the_words(message: str, rule: str) -> None:
    found = {one.rule: one for one in LINTER.objections(message, collected=False)}
    assert rule in found
    assert found[rule].words and found[rule].words == message[found[rule].start : found[rule].end]


@pytest.mark.parametrize("message", GOOD)
def test_a_good_message_is_left_alone(message: str) -> None:
    assert LINTER.objections(message, collected=False) == []


def test_every_rule_is_tried_and_every_trial_is_a_rule() -> None:
    assert {rule for _, rule in BAD} == {rule.id for rule in WORDING.rules}
    assert len(BAD) + len(GOOD) >= 60


def test_own_numbers_and_goods_may_stand_and_foreign_ones_may_not() -> None:
    message = "您的微信公仔单号是 YT1380013800012，订单 261018-123456789012345"
    assert {one.rule for one in LINTER.objections(message)} >= {"private_contact", "others_data"}
    assert LINTER.objections(message, ("微信公仔", "YT1380013800012", "261018-123456789012345")) == []
    assert LINTER.objections(message + "，另一单 YT1380013800099", ("微信公仔", "YT1380013800012", "261018-123456789012345"))


def test_collected_may_be_said_once_it_is_and_where_it_does_not_matter() -> None:
    for collected in (True, None):
        assert LINTER.objections("您的包裹已由极兔揽收，18:00 前给您结果", collected=collected) == []


def test_a_time_saves_only_its_own_sentence() -> None:
    assert LINTER.objections("我们马上处理，18:00 前回您") == []
    assert [one.words for one in LINTER.objections("我们马上处理。18:00 前回您")] == ["马上"]


def test_a_long_hostile_text_is_read_in_no_time() -> None:
    started = time.process_time()
    LINTER.objections("加 1 3 w e 请 " * 300)
    assert time.process_time() - started < 2


def test_a_rule_that_misses_its_example_or_finds_good_words_is_told() -> None:
    rule = Rule.model_validate({
        "id": "x", "why": {"zh": "因为", "en": "because"}, "plain": ["好"], "refused": ["坏"], "passed": ["好话"],
    })
    faults = wording_faults(WORDING.model_copy(update={"rules": (rule,)}))
    assert [code for _, code, _ in faults] == ["response_rule_misses", "response_false_alarm"]
    broken = rule.model_copy(update={"plain": ("(",)})
    assert [code for _, code, _ in wording_faults(WORDING.model_copy(update={"rules": (broken, broken)}))] == [
        "response_bad_pattern", "response_bad_pattern", "response_id_twice",
    ]
    assert isinstance(WORDING, Wording) and Linter(WORDING).objections("18:00 前") == []
