"""A mapping by hand is checked before anything is read by it, and headers are compared as people see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.headers import column_names, fold, letter
from pdd_audit.core.mapping import ByHand, Mapping, Never, Remembered, Target, check_mapping, header_fingerprint, why_never

TARGET = Target(
    kind="courier_pickups",
    columns={"waybill": "运单号", "picked_up_at": "首条揽收时间", "courier": "快递公司", "status": "状态"},
    required=("waybill", "picked_up_at"),
    constants=frozenset({"courier"}),
    never={"picked_up_at": (Never(("称重", "取号"), {"zh": "不是揽收", "en": "is no pickup"}),)},
    statuses=frozenset({"shipped"}),
)
NAMES = ("单号", "揽收", "称重时间", "收件人", "单号 #2", "[F]")


def a_mapping(columns=None, **more):
    return Mapping(kind="courier_pickups", columns=columns or {"waybill": "单号", "picked_up_at": "揽收"}, **more)


def checked(mapping):
    return check_mapping(mapping, NAMES, TARGET, lambda header: "收件人" in header, Place(sheet="十月", row=3))


def test_columns_are_found_whatever_the_spacing_width_or_case_of_their_headers():
    assert checked(a_mapping({"waybill": " 单 号", "picked_up_at": "揽收\t"})) == {"waybill": 0, "picked_up_at": 1}
    assert checked(a_mapping({"waybill": "单号 #2", "picked_up_at": "[f]"})) == {"waybill": 4, "picked_up_at": 5}


@pytest.mark.parametrize(("changed", "code", "column"), [
    ({"columns": {"waybill": "单号", "picked_up_at": "揽收", "colour": "单号"}}, "mapping_unknown_column", "单号"),
    ({"columns": {"waybill": "没有", "picked_up_at": "揽收"}}, "mapping_column_absent", "没有"),
    ({"columns": {"waybill": "揽收", "picked_up_at": "揽收"}}, "mapping_column_twice", "揽收"),
    ({"columns": {"waybill": "单号", "picked_up_at": "揽收", "courier": "收件人"}}, "mapping_personal_column", "收件人"),
    ({"columns": {"waybill": "单号", "picked_up_at": "称重时间"}}, "mapping_wrong_meaning", "称重时间"),
    ({"columns": {"waybill": "单号"}}, "mapping_column_missing", None),
    ({"constants": {"waybill": "1"}}, "mapping_constant", None),
    ({"constants": {"colour": "1"}}, "mapping_unknown_column", None),
    ({"constants": {"courier": "  "}}, "mapping_constant", None),
    ({"columns": {"waybill": "单号", "picked_up_at": "揽收", "courier": "[F]"}, "constants": {"courier": "中通"}}, "mapping_constant", None),
    ({"statuses": {"在途": "gone"}}, "mapping_status", None),
    ({"units": {"waybill": "fen"}}, "mapping_unit", None),
    ({"units": {"colour": "fen"}}, "mapping_unknown_column", None),
])
def test_each_reason_against_a_mapping_has_its_code_and_place(changed, code, column):
    with pytest.raises(AuditError) as caught:
        checked(a_mapping(**changed))
    assert (caught.value.code, caught.value.place.sheet, caught.value.place.row, caught.value.place.column) == (code, "十月", 3, column)


def test_a_constant_stands_in_for_what_is_required_only_where_it_may():
    target = Target("k", {"order_no": "订单号", "status": "订单状态"}, ("order_no", "status"), frozenset({"status"}), {}, frozenset())
    mapping = Mapping(kind="pdd_orders", columns={"order_no": "a"}, constants={"status": "已发货"})
    assert check_mapping(mapping, ["a"], target, lambda _: False, Place()) == {"order_no": 0}


def test_a_forbidden_header_is_told_why_in_both_languages():
    assert why_never(TARGET, "picked_up_at", " 首次 称重 时间") == {"zh": "不是揽收", "en": "is no pickup"}
    assert why_never(TARGET, "picked_up_at", "揽收时间") is None and why_never(TARGET, "waybill", "取号") is None


@pytest.mark.parametrize("wrong", [
    {"columns": {}}, {"kind": "parcels"}, {"constants": {"courier": "a'); DROP"}}, {"constants": {"courier": "a\nb"}}, {"statuses": {'"': "shipped"}},
    {"header_row": -1}, {"header_row": 4000}, {"delimiter": "x"}, {"columns": {"Way bill": "a"}}, {"surprise": 1},
])
def test_what_could_do_harm_is_no_mapping(wrong):
    with pytest.raises(ValidationError):
        Mapping.model_validate({"kind": "courier_pickups", "columns": {"waybill": "a"}} | wrong)


@given(st.lists(st.text(max_size=8), max_size=8), st.randoms(use_true_random=False))
def test_the_fingerprint_of_headers_knows_no_order_and_no_spacing(headers, chance):
    shuffled = chance.sample(headers, len(headers))
    assert header_fingerprint(shuffled) == header_fingerprint(f" {header}\u3000" for header in headers)


def test_other_headers_have_another_fingerprint():
    assert header_fingerprint(["运单", "时间"]) != header_fingerprint(["运单", "时间", "网点"])
    assert header_fingerprint(["a", "b"]) != header_fingerprint(["ab"])


@given(st.lists(st.text(alphabet="ab [#23A]", max_size=4), max_size=30))
def test_every_column_has_a_name_of_its_own(headers):
    names = column_names(headers)
    assert len({fold(name) for name in names}) == len(headers)
    assert all(name.startswith(header) or not fold(header) for name, header in zip(names, headers, strict=True))


def test_repeated_and_blank_headers_can_be_told_apart():
    assert column_names(["时间", "", "时间 ", " "]) == ("时间", "[B]", "时间  #2", "[D]")
    assert [letter(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_what_a_child_is_told_comes_back_as_it_was():
    by_hand = ByHand(a_mapping(header_row=2), "2026-11-20", (Remembered("f" * 64, a_mapping(constants={"courier": "中通"}), "2026-11-01"),))
    assert ByHand.from_job(by_hand.as_job()) == by_hand
    assert ByHand.from_job(ByHand().as_job()) == ByHand()
