"""A file is read line by line: a broken line costs that line, and line numbers are those of an editor."""

import csv
import os
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.importing.reading import LONGEST_LINE, Line, opened
from accounts.refusals import Refused


def lines(path: Path, content: bytes) -> list[Line]:
    path.write_bytes(content)
    with opened(path, ("a", "b"), ("c",)) as file:
        return list(file.lines())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_utf_8_is_read_with_or_without_mark_and_with_either_line_end(path: Path, start: bytes, end: bytes) -> None:
    content = start + end.join([b"a,b", "花,2".encode(), b""])
    assert [line.cells for line in lines(path, content)] == [{"a": "花", "b": "2"}]


def test_columns_may_stand_in_any_order_and_be_quoted(path: Path) -> None:
    found = lines(path, b'"B", A ,c\n"2, 3",1,""\n')
    assert found[0].cells == {"b": "2, 3", "a": "1", "c": ""}


def test_blank_lines_are_passed_over_and_counted(path: Path) -> None:
    found = lines(path, b"a,b\n\n1,2\n,\n\r\n3,4")
    assert [line.number for line in found] == [3, 6]


def test_the_share_of_the_file_that_was_read_ends_at_one(path: Path) -> None:
    found = lines(path, b"a,b\n1,2\n3,4\n")
    assert found[0].read == pytest.approx(8 / 12)
    assert found[-1].read == 1.0


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b'"1,2', "quotes"),
        (b'"1"x,2', "quotes"),
        (b"1\r2,3", "quotes"),
        (b"1", "fields"),
        (b"1,2,3", "fields"),
        (b"x" * (LONGEST_LINE + 5) + b",2", "line-long"),
        (b"x" * (LONGEST_LINE * 3) + b",2", "line-long"),
    ],
)
def test_a_broken_line_does_not_spoil_the_next(path: Path, broken: bytes, code: str) -> None:
    first, second = lines(path, b"a,b\n" + broken + b"\n5,6\n")
    assert (first.number, first.problem and first.problem.code) == (2, code)
    assert (second.number, second.cells, second.problem) == (3, {"a": "5", "b": "6"}, None)


def test_a_number_of_fields_is_told_with_the_one_expected(path: Path) -> None:
    problem = lines(path, b"a,b\n1,2,3\n")[0].problem
    assert problem
    assert problem.sentence == "There are 3 fields, but the heading has 2."


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "import-empty", "is empty"),
        (b"\n1,2\n", "import-empty", "is empty"),
        (b"a\n1\n", "import-columns-missing", "has no column: “b”"),
        (b"c\n1\n", "import-columns-missing", "has no column: “a”, “b”"),
        (b"a,b,stauts\n", "import-columns-unknown", "“stauts”"),
        (b"a,b,a\n", "import-columns-twice", "“a”"),
        (b'a,"b\n', "import-heading", "cannot be read"),
        ("a,b\n1,2\n".encode("utf-16"), "import-utf-16", "UTF-16"),
        ("a,b,名\n".encode("shift_jis"), "import-columns-unknown", "“\ufffd\ufffd”"),
        (b"a;b\n1;2\n", "import-columns-missing", "“a”, “b”"),
    ],
)
def test_a_file_without_the_right_heading_is_refused_with_the_reason(path: Path, content: bytes, code: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        lines(path, content)
    assert refused.value.code == code
    assert said in refused.value.sentence


def test_a_file_that_changes_between_two_readings_is_refused(path: Path) -> None:
    path.write_bytes(b"a,b\n1,2\n")
    with opened(path, ("a", "b")) as file:
        assert list(file.lines()) == list(file.lines())
        path.write_bytes(b"a,b\n1,3\n4,5\n")
        with pytest.raises(Refused) as refused:
            list(file.lines())
    assert refused.value.code == "import-file-changed"


def test_what_a_writer_of_csv_writes_is_read_back(path: Path) -> None:
    rows = [["花", 'say "yes", please'], ["=1", " "], ["'", "x" * 500]]
    stream = StringIO()
    csv.writer(stream).writerows([["a", "b"], *rows])
    assert [list(line.cells.values()) for line in lines(path, stream.getvalue().encode())] == rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_give_each_line_once(tmp_path: Path, content: bytes) -> None:
    found = lines(tmp_path / f"{os.getpid()}.csv", b"a,b\n" + content)
    numbers = [line.number for line in found]
    assert numbers == sorted(set(numbers))
    blank = {number for number, raw in enumerate(content.split(b"\n"), 2) if not raw.strip(b'\r,"')}
    everything = set(range(2, 2 + len(content.split(b"\n"))))
    assert everything - blank <= set(numbers) <= everything
    assert all((line.problem is None) == bool(line.cells) for line in found)
