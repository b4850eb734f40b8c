"""One bit of a file of results is another, anywhere in it: that is noticed, and computed again."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sweep.store.compaction import Summed
from sweep.store.folder import Folder
from sweep.store.known import known
from sweep.store.schema import schema
from tests.faults.laboratory import Laboratory, grid_of, text_of

pytestmark = pytest.mark.slow

TEXT = text_of("x = { lin = [0, 1], n = 10 }\ny = [1, 2]\ntarget_error = [0.1, 0.01]")
FLIPS = 200


@pytest.fixture
def whole(laboratory: Laboratory) -> tuple[Laboratory, Path]:
    """A laboratory with one file of results, and that file."""
    laboratory.write(TEXT)
    laboratory.run_here()
    (part,) = laboratory.rows_folder.iterdir()
    (laboratory.folder / "log").unlink()
    return laboratory, part


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def places(content: bytes) -> Sequence[int]:
    """Bits of a file: some of each byte of its frame, and some of its pages and its footer."""
    chance = random.Random(1)
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    regions = [(0, 4), (4, footer), (footer, len(content) - 8), (len(content) - 8, len(content))]
    return [8 * chance.randrange(*region) + chance.randrange(8) for region in regions] + [
        8 * chance.randrange(*region) + chance.randrange(8)
        for region in (regions[1], regions[2])
        for _ in range(FLIPS // 2)
    ]


def test_a_flipped_bit_anywhere_is_noticed_by_all_who_read_and_set_aside_by_a_run(
    whole: tuple[Laboratory, Path],
) -> None:
    laboratory, part = whole
    content = part.read_bytes()
    grid, folder = grid_of(TEXT), Folder(laboratory.results, "grid")
    for bit in places(content):
        part.write_bytes(flipped(content, bit))
        said: list[str] = []
        assert not len(known(folder, said.append).ids)
        assert folder.read(None, said.append, schema(grid.model)) is None
        assert len(said) == 2, bit
        folder.repair(said.append, schema(grid.model))
        assert f"{part.name}: damaged" in said[2]
        assert not part.exists()
    part.write_bytes(flipped(content, bit))
    laboratory.expect_whole()
    assert len(laboratory.computed()) == 20


def test_a_column_s_name_with_a_flipped_bit_is_no_null_column(
    whole: tuple[Laboratory, Path],
) -> None:
    """No checksum of a page covers the names of columns."""
    laboratory, part = whole
    content = part.read_bytes()
    for name, other in [
        (b"time_to_target", b"uime_to_target"),
        (b"error_final", b"err\xefr_final"),
    ]:
        assert content.count(name) > 1
        part.write_bytes(content.replace(name, other))
        for command in ("status", "plan", "export"):
            words = ["out.csv"] if command == "export" else []
            said = laboratory.run(command, "grid.toml", *words, code=2 if words else 0)
            assert f"{part.name}: damaged (its checksum is another); left out" in said
        (line,) = laboratory.expect_whole()
        assert "computed again" in line
        (part,) = laboratory.rows_folder.iterdir()


def unsealed(part: Path) -> Path:
    """The same file as an earlier version of sweep has named it."""
    return part.rename(part.with_name(f"cells-{'0' * 32}.parquet"))


def test_a_file_of_an_earlier_version_is_read_and_gets_a_checksum(
    whole: tuple[Laboratory, Path],
) -> None:
    laboratory, part = whole
    old = unsealed(part)
    assert len(known(Folder(laboratory.results, "grid"), pytest.fail).ids) == 40
    assert not laboratory.expect_whole()
    (new,) = laboratory.rows_folder.iterdir()
    assert new.name != old.name
    assert not laboratory.expect_whole()
    assert not laboratory.computed()
    assert list(laboratory.rows_folder.iterdir()) == [new]


@pytest.mark.parametrize(
    ("name", "other"), [(b"time_to_target", b"uime_to_target"), (b"cell_id", b"cell^id")]
)
def test_in_a_file_of_an_earlier_version_a_missing_column_is_damage(
    whole: tuple[Laboratory, Path], name: bytes, other: bytes
) -> None:
    laboratory, part = whole
    part.write_bytes(part.read_bytes().replace(name, other))
    unsealed(part)
    (line,) = laboratory.expect_whole()
    assert "damaged" in line
    assert len(laboratory.computed()) == 20


@pytest.mark.parametrize(
    "change",
    [
        {b"grid": b"\xff"},
        {b"gri\xff": b"grid"},
        {b"history": b"[{]"},
        {b"history": b"[7]"},
        {b"sweep_format": b"one"},
    ],
)
def test_in_a_file_of_an_earlier_version_metadata_that_make_no_sense_are_damage(
    whole: tuple[Laboratory, Path], change: dict[bytes, bytes]
) -> None:
    laboratory, part = whole
    table = pq.read_table(unsealed(part))
    pq.write_table(table.replace_schema_metadata(table.schema.metadata | change), part)
    part = unsealed(part)
    (line,) = laboratory.expect_whole()
    assert f"{part.name}: damaged" in line
    assert len(laboratory.computed()) == 20


def test_a_file_of_an_earlier_version_without_its_metadata_is_damaged(
    whole: tuple[Laboratory, Path],
) -> None:
    laboratory, part = whole
    pq.write_table(pq.read_table(part).replace_schema_metadata(), unsealed(part))
    (line,) = laboratory.expect_whole()
    assert "damaged (without the metadata of sweep)" in line


def test_a_merged_file_that_is_damaged_before_it_stands_for_others_is_given_up(
    whole: tuple[Laboratory, Path],
) -> None:
    """A merge that broke off goes on when the next run begins."""
    laboratory, part = whole
    merged = laboratory.aside / f"cells-{'1' * 32}-00000000.parquet"
    shutil.copy(part, merged)
    part.rename(laboratory.aside / f"{part.name}.replaced")
    journal = json.dumps({"into": merged.name, "replaces": [part.name]})
    (laboratory.aside / "compaction.json").write_text(journal)
    assert not laboratory.expect_whole()
    assert not laboratory.computed()
    assert list(laboratory.rows_folder.iterdir()) == [part]


def test_a_merged_file_that_is_damaged_in_writing_replaces_none(
    whole: tuple[Laboratory, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk keeps something else than it was given; what was saved before is not given up."""
    laboratory, _ = whole
    laboratory.write(TEXT.replace("y = [1, 2]", "y = [1, 2, 3]"))

    def forgetful(file: Summed, content: bytes) -> int:
        file.checksum.add(content)
        kept = flipped(bytes(content), 8 * (len(content) // 2)) if len(content) > 100 else content
        return FileIO.write(file, kept)

    monkeypatch.setattr(Summed, "write", forgetful)
    (line,) = laboratory.run_here()
    assert line.startswith("the files of results were not merged into one")
    assert "nothing is lost" in line
    assert "\n" not in line
    assert len(list(laboratory.rows_folder.iterdir())) == 2
    laboratory.expect_results()
    monkeypatch.undo()
    assert not laboratory.expect_whole()
    assert set(laboratory.computed().values()) == {1}
    assert len(list(laboratory.rows_folder.iterdir())) == 1
