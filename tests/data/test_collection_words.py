"""A courier's words mean a collection only where they say so; every trap of the couriers' own sentences is one case. Names are invented."""

import pytest

from pdd_audit.data.reading.collection_words import EVENTS, branch_in, code_list_of, event_of, event_of_code, event_of_label, event_of_text
from pdd_audit.data.reading.sources import own_lists

COLLECTED = [
    "【苏州市】 吴中三部 的 甲某某（13800000000） 已揽收",
    "【河南省郑州市某某公司】 已收件 取件人: 乙某 (95554)",
    "【江苏如东公司】的收件员【总公司】已收件",
    "【上海某江公司】 的收件员 【7号线】已收件，扫描员是： 【丙某】",
    "[江苏无锡某区公司]进行揽件扫描",
    "在天津某区公司进行揽件扫描",
    "快件在 北京某部公司 进行揽件扫描",
    "【义乌网点】的业务员【A0001-丁某(13900000000)】已取件",
    "【MKT-山东某项目】已揽收",
    "【空港九部】揽收成功",
    "顺丰速运 已收取快件",
    "快件已由顺丰收取",
    "【城三某某揽投部】已收件,揽投员:戊某13700000000",
    "【全国中心某某监管】已收寄",
    "已揽件",
    "揽收",
    "【杭州某站】揽收",
    "  【空港九部】\t揽收成功 ",
    "【某某驿站】已揽收",  # the collecting branch is called so
    "【校园快递柜服务部】快件揽收",
]
NOT_YET = [
    "包裹正在等待揽收", "等待揽收中", "待揽收", "待揽件", "未揽收", "揽收失败，客户改约", "预约揽收", "通知快递公司揽件", "商品已经下单", "已下单", "等待取件",
    "商家已发货，等待揽收", "您的订单开始处理", "您的订单已出库", "卖家发货", "商家已发货", "面单已打印", "等待快递员上门揽收", "未能揽收成功", "快件揽收失败",
]
ON_ITS_WAY = [
    "【郑州某某公司】 已收入",  # sounds like taking over, is an arrival
    "[重庆某区公司]进行下级地点扫描，发往：北京分拨中心",
    "快件已经到达 【某某转运中心】",
    "快件离开 【义乌】 已发往 【杭州】",
]
DELIVERED = [
    "快件已被【某某便利店】代收", "正在第1次派件", "已签收，签收人凭取货码签收", "您的快件已从【某某】重新取出，将继续为您派件", "请凭12-3-456取件码取件",
    "您的快件已放至某某驿站，待取件",  # waits for the buyer, not for the courier
    "【某某快递柜】已取件", "【某某驿站】已收件",  # a place cancels the weak words
    "快件已签收，感谢揽收",
]
NEITHER = ["上门揽收", "[重庆分拣场]在场内进行称重扫描", "包裹信息已更新", "", "已收件人联系不上", "快递员拟明日揽收", "预计三天内到达"]


@pytest.mark.parametrize(
    ("text", "event"),
    [(text, "got") for text in COLLECTED] + [(text, "pre") for text in NOT_YET] + [(text, "move") for text in ON_ITS_WAY]
    + [(text, "held") for text in DELIVERED] + [(text, "unknown") for text in NEITHER],
)
def test_a_sentence_says_what_it_says(text, event):
    assert event_of_text(text) == event


def test_a_shop_that_names_the_delivery_to_come_proves_nothing():
    assert event_of_text("您的包裹已由商家发货，将由某某快递派送") == "other"


@pytest.mark.parametrize(
    ("code_list", "code", "event"),
    [
        ("pdd", "GOT", "got"), ("pdd", "DEPARTURE", "move"), ("pdd", "SIGN", "held"), ("pdd", "FAIL", "other"), ("pdd", "OTHER", "unknown"),
        ("kuaidi100", "103", "got"), ("kuaidi100", "101", "pre"), ("kuaidi100", "102", "pre"), ("kuaidi100", "1", "unknown"),
        ("kuaidi100_parcel", "1", "got"), ("kdniao", "1", "got"), ("kdniao", "10", "pre"), ("kdniao", "0", "pre"), ("kdniao", "201", "move"),
        ("jt_scan_type", "10", "got"), ("jt_subscription", "10", "held"), ("jt_subscription", "1", "got"), ("jt_scan_type", "1", "unknown"),
        ("sf", "50", "got"), ("sf", "80", "held"), ("ems", "00", "got"), ("ems", "0", "unknown"),
    ],
)
def test_a_code_means_something_in_its_own_list_only(code_list, code, event):
    assert event_of_code(code_list, code) == event


def test_a_known_code_decides_alone_and_an_unknown_one_leaves_it_to_the_words():
    assert event_of(code_list="pdd", code="SEND", text="【义乌网点】已揽收") == "held"
    assert event_of(code_list="kuaidi100", code="102", label="揽收", text="【义乌网点】已揽收") == "pre"
    assert event_of(code_list="pdd", code="OTHER", text="【义乌网点】已揽收") == "got"


def test_a_sentence_that_says_not_yet_overrules_a_coarse_label():
    assert event_of(label="揽收", text="商家已发货，等待揽收") == "pre"
    assert event_of(label="揽收", text="【义乌网点】某某正在处理") == "got"


@pytest.mark.parametrize(
    ("label", "event"), [("收件", "got"), ("揽件扫描", "got"), ("待揽收", "pre"), ("发件", "move"), ("称重", "held"), ("问题件", "other"), ("签收", "held"), ("盘点", "unknown")],
)
def test_a_kind_of_scan_is_known_by_its_whole_name(label, event):
    assert event_of_label(label) == event


def test_only_the_courier_named_gives_an_op_code_its_meaning():
    assert [code_list_of(name) for name in ("顺丰", "EMS", "邮政", "中通")] == ["sf", "ems", "ems", None]


@pytest.mark.parametrize(
    ("text", "branch"),
    [("【义乌江东网点】的 甲某（13800000000） 已揽收", "义乌江东网点"), ("[江苏无锡公司]进行揽件扫描", "江苏无锡公司"), ("【甲某某】已揽收", ""), ("【13800000000网点】已揽收", "")],
)
def test_a_bracket_is_a_branch_only_if_it_ends_like_one(text, branch):
    assert branch_in(text) == branch


def test_every_entry_of_the_lists_says_where_it_comes_from_and_how_far_to_trust_it():
    lists = own_lists("track_wordings.yaml")
    entries = [entry for name, part in lists.items() if name not in {"op_codes", "branch_endings"} for entry in (part.values() if isinstance(part, dict) else part)]
    assert len(entries) > 20
    assert all(entry["source"] and entry["trust"] in {"A", "B", "C"} for entry in entries)
    codes = lists["codes"]
    for name, entry in codes.items():
        listed = [code for event in EVENTS for code in entry.get(event, ())]
        assert len(listed) == len(set(listed)) and all(isinstance(code, str) for code in listed), name
