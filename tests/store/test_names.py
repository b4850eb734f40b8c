"""Which files are sweep's by their names."""

from __future__ import annotations

import pytest

from sweep.store.names import checksum, checksum_in, is_own_name, merged_name, part_name


def test_the_names_that_sweep_gives_are_its_own() -> None:
    for name in (part_name("0123abcd"), merged_name("0123abcd")):
        assert checksum_in(name) == checksum_in(f"{name}.replaced") == "0123abcd"
        assert is_own_name(name)
        assert is_own_name(f"{name}.replaced")
        assert not is_own_name(f"{name}.tmp")


@pytest.mark.parametrize(
    "name", ["part-20240101T000000000000-00000000.parquet", f"cells-{'0' * 32}.parquet"]
)
def test_names_of_earlier_versions_are_sweep_s_and_have_no_checksum(name: str) -> None:
    assert is_own_name(name)
    assert checksum_in(name) is None


def test_a_checksum_is_of_all_that_a_file_holds_in_whatever_pieces_it_comes() -> None:
    assert checksum([b"some", b"", b"thing"]) == checksum([b"something"]) == "09da31fb"
    assert checksum([b"something"]) != checksum([b"somethinf"])
    assert checksum([]) == "00000000"


@pytest.mark.parametrize(
    "name",
    [
        "part-0.parquet",
        "part-00000-1c2b5e0a-7d3f-4a59-9c5e-0d9a7e2f6b11-c000.snappy.parquet",
        "cells-1.parquet",
        "cells.parquet",
        "copy of part-20240101T000000000000-00000000.parquet",
        "part-20240101T000000000000-00000000.parquet\n",
        "part-20240101T000000000000-00000000 (1).parquet",
    ],
)
def test_others_are_a_user_s(name: str) -> None:
    assert not is_own_name(name)
