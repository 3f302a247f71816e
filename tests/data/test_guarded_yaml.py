"""What a stranger's YAML may do: nothing but hold text, plain numbers, true, false and nothing-at-all."""

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdd_audit.core.errors import AuditError
from pdd_audit.data.content.guarded_yaml import MAX_BYTES, key_path, load_yaml
from pdd_audit.texts import LANGS, error_text


def data_of(text: str | bytes) -> Any:
    return load_yaml(text, "test.yaml")[0]


def refusal_of(text: str | bytes) -> AuditError:
    with pytest.raises(AuditError) as caught:
        load_yaml(text, "test.yaml")
    for lang in LANGS:
        assert all(error_text(caught.value, lang))  # every refusal can be worded
    return caught.value


BOMBS = {
    "alias bomb": ("a: &a [x]\nb: [*a, *a]\n", "checklist_yaml_alias", 1, 4),
    "self reference": ("k: 1\na: &a\n  - *a\n", "checklist_yaml_alias", 2, 4),
    "merge keys": ("a:\n  <<: {b: 1}\n", "checklist_yaml_merge", 2, 3),
    "a million brackets": ("[" * 1_000_000, "checklist_yaml_too_deep", 1, 21),
    "nested dashes": ("- " * 500_000, "checklist_yaml_too_deep", 1, 41),
    "a flat list of 60,000": ("- 1\n" * 60_000, "checklist_yaml_too_many_parts", 49_998, 3),
    "python object": ("a: 1\nb: !!python/object/apply:os.system [ls]\n", "checklist_yaml_tag", 2, 4),
    "one huge text": ("a: " + "x" * 1_000_000, "checklist_yaml_long_text", 1, 4),
}


@pytest.mark.parametrize(("text", "code", "row", "character"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_at_once_with_line_and_column(text: str, code: str, row: int, character: int) -> None:
    started = time.process_time()
    with pytest.raises(AuditError) as caught:
        load_yaml(text, "test.yaml")
    seconds = time.process_time() - started
    assert (caught.value.code, caught.value.place.row, caught.value.values["character"]) == (code, row, character)
    assert seconds < 1  # the longest list that is read takes a tenth; what is not bounded takes minutes
    assert caught.value.place.file == "test.yaml"


@pytest.mark.parametrize("text", ["a: !!binary aGk=", "a: !own x", "a: !!set {x}", "a: ! x"])
def test_every_explicit_tag_is_refused(text: str) -> None:
    assert refusal_of(text).code == "checklist_yaml_tag"


def test_a_file_over_two_megabytes_is_refused_unread() -> None:
    assert refusal_of(b"#" * (MAX_BYTES + 1)).code == "checklist_yaml_too_big"


def test_twenty_levels_are_read_and_the_twenty_first_is_refused() -> None:
    assert data_of("[" * 20 + "]" * 20)
    assert refusal_of("[" * 21 + "]" * 21).code == "checklist_yaml_too_deep"


def test_a_key_given_twice_names_both_lines() -> None:
    error = refusal_of("items:\n  - id: a\n    weight: 1\n    weight: 2\n")
    assert (error.code, error.values["first"], error.values["second"]) == ("checklist_yaml_duplicate_key", 3, 4)
    assert error.place.column == "items[0]"


WORDS = ["NO", "on", "yes", "y", "010", "0o10", "0x1F", "12:30", "1_000", "2026-01-02", "2026-13-45", ".inf", "1e5", "+5", "True", "9" * 19]


@pytest.mark.parametrize("word", WORDS)
def test_what_only_looks_like_another_type_stays_text(word: str) -> None:
    assert data_of(f"a: {word}") == {"a": word}


def test_plain_numbers_truth_and_nothing_have_their_type() -> None:
    text = "a: 24\nb: -0.05\nc: true\nd: false\ne: null\nf: ~\ng:\nh: '24'\ni: \"true\"\n1: one"
    assert data_of(text) == {
        "a": 24, "b": -0.05, "c": True, "d": False, "e": None, "f": None, "g": None, "h": "24", "i": "true", "1": "one",
    }
    assert data_of("a: 123456789012345678")["a"] == 123456789012345678


def test_blocks_of_text_and_chinese_come_through() -> None:
    assert data_of("\ufeffa: |\n  第一行\n  二\nb: >-\n  x\n  y\n") == {"a": "第一行\n二\n", "b": "x y"}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_document_is_nothing(text: str) -> None:
    assert data_of(text) is None


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("a: 1\n---\nb: 2\n", "checklist_yaml_two_documents", 2),
        ("a: 1\n\tb: 2\n", "checklist_yaml_syntax", 2),
        ('a: 1\nb: "open\n', "checklist_yaml_syntax", 3),
        ("a:\n  - 1\n b: 2\n", "checklist_yaml_syntax", 3),
        ("? [a, b]\n: 1\n", "checklist_yaml_key_not_text", 1),
        ("a: 单号\n".encode("gbk"), "checklist_yaml_not_utf8", 1),
        ("ok: 1\na: 1\n".encode("utf-16"), "checklist_yaml_not_utf8", 1),
        (b"ok: 1\na: \0\n", "checklist_yaml_not_utf8", 2),
        ("a: 1\nb: \x07\n", "checklist_yaml_syntax", None),
    ],
)
def test_a_malformed_document_is_refused_with_its_line(text: str | bytes, code: str, row: int | None) -> None:
    error = refusal_of(text)
    assert (error.code, error.place.row) == (code, row)


def test_marks_name_the_line_of_every_part() -> None:
    data, marks = load_yaml("a:\n  - id: x\n    w: 1\n  -\n    id: y\nb: 2\n", "test.yaml")
    assert marks.line(("a", 0, "w")) == 3
    assert marks.line(("a", 1)) == 5
    assert marks.line(("a", 1, "absent", 4)) == 5
    assert key_path(("a", 1, "w"), data) == "a[y].w"
    assert key_path(("a", 1, "w")) == "a[1].w"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_never_worse(text: str) -> None:
    with suppress(AuditError):
        load_yaml(text, "test.yaml")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_never_worse(content: bytes) -> None:
    with suppress(AuditError):
        load_yaml(content, "test.yaml")


def test_the_pure_parser_gives_the_same_data(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    text = "a:\n  - id: x\n    w: 1.5\n    t: '12'\n  - [NO, 010, {k: v}]\n"
    fast = load_yaml(text, "test.yaml")
    monkeypatch.setattr("pdd_audit.data.content.guarded_yaml._LOADER", yaml.Loader)
    assert load_yaml(text, "test.yaml") == fast
