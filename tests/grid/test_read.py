"""Reading: what a grid file becomes, and what is refused in which words."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.errors import UsageError
from sweep.grid import GridError, PlotSettings, read_grid
from sweep.grid.read import parse_grid
from tests.grid.fake import MODEL, grid

FULL = """\
title = "Time to reach the target error"
model = "fake"

[fixed]
M = 3
teacher = "graded"
V = inf

[axes]
K     = { int = [3, 9] }
eta_w = { lin = [0.25, 8.0], n = 4 }
seed  = [0, 1, 2, 3, 4, 5, 6]

[grid]
zip = [["K", "seed"]]
exclude = ["K < M", "eta_w > 9"]

[solver]
rtol = 1e-7

[plot]
x = "eta_w"
y = "eta_J"
facet = "K"
value = "time_to_target"
"""


def test_a_grid_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "fig5.toml"
    path.write_text(FULL, encoding="utf-8")
    found = read_grid(path)
    assert (found.name, found.path, found.text) == ("fig5", path, FULL)
    assert found.title == "Time to reach the target error"
    assert found.model is MODEL
    assert list(found.axes) == ["K", "eta_w", "seed"]
    assert found.axes["K"].values == (3, 4, 5, 6, 7, 8, 9)
    assert found.fixed["M"] == 3
    assert found.fixed["alpha_max"] == 450.0
    assert set(found.fixed) | set(found.axes) == {p.name for p in MODEL.parameters}
    assert not set(found.fixed) & set(found.axes)
    assert found.zipped == (("K", "seed"),)
    assert [exclude.text for exclude in found.excludes] == ["K < M", "eta_w > 9"]
    assert found.solver == {"rtol": 1e-7, "atol": 1e-20, "steps": 1000}
    assert found.plot == PlotSettings("eta_w", "eta_J", "K", value="time_to_target")
    assert len(found.cells()) == 7 * 4


def test_only_the_model_must_be_named() -> None:
    found = grid(name="folder/least.toml")
    assert (found.name, found.title) == ("least", "least")
    assert found.plot == PlotSettings()
    assert found.fixed["V"] == math.inf


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())
    assert read_grid(str(path)).axes["K"].values == (3, 4, 5, 6, 7, 8, 9)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("titel = 'x'", "titel: no such key of a grid file; did you mean title?"),
        ("[axis]\nK = [3]", "axis: no such key of a grid file; did you mean axes?"),
        ("K = 3", "K: no key of a grid file; it belongs in [fixed] or [axes]"),
        ("title = 3", "title: found 3; allowed is a text"),
        ("title = ''", 'title: found ""; allowed is a text that is not empty'),
        ("axes = 3", "axes: found 3; allowed is a section, [axes]"),
        ("[[axes]]\nK = [3]", "axes: found"),
        ("[fixed]\neta_q = 3", "[fixed] eta_q: no such parameter of fake; did you mean eta_"),
        ("[fixed]\nrtol = 3", "[fixed] rtol: no parameter of fake; it belongs in [solver]"),
        ("[fixed]\ntitle = 'x'", "[fixed] title: no parameter of fake; it belongs at the top"),
        ("[axes]\nzip = []", "[axes] zip: no parameter of fake; it belongs in [grid]"),
        ("[solver]\nK = 3", "[solver] K: no solver setting of fake; it belongs in [fixed] or"),
        ("[solver]\nrtoll = 3", "[solver] rtoll: no such solver setting of fake; did you mean rto"),
        ("[solver]\nrtol = 0", "[solver] rtol: found 0; allowed is a number > 0"),
        ("[grid]\nzipp = []", "[grid] zipp: no such key of [grid]; did you mean zip?"),
        ("[fixed]\nK = 0", "[fixed] K: found 0; allowed is an integer ≥ 1"),
        ("[fixed]\nK = true", "[fixed] K: found true; allowed is an integer ≥ 1"),
        ("[fixed]\nK = '3'", '[fixed] K: found "3"; allowed is an integer ≥ 1'),
        ("[fixed]\nK = 3.5", "[fixed] K: found 3.5; allowed is an integer ≥ 1"),
        ("[fixed]\nK = 3.0000000000001", "[fixed] K: found 3.0000000000001; allowed is an integer"),
        (
            "[fixed]\nseed = 99999999999999999999999",
            "[fixed] seed: found 99999999999999999999999; allowed is an integer ≥ 0; "
            "the largest integer is 2^53 = 9007199254740992",
        ),
        ("[fixed]\nV = 1e17", "or inf; the largest integer is 2^53 = 9007199254740992"),
        ("[fixed]\noffset = 1" + "0" * 400, "is a number; the largest number is 1.8e+308"),
        ("[fixed]\nK = inf", "[fixed] K: found inf; allowed is an integer ≥ 1"),
        ("[fixed]\nV = nan", "[fixed] V: found nan; allowed is an integer ≥ 1 or inf"),
        ("[fixed]\nK = 1979-05-27", '[fixed] K: found "1979-05-27"; allowed is an integer'),
        ("[fixed]\nK = [3, 4]", "(an axis belongs in [axes])"),
        ("[fixed]\nteacher = { int = [1, 2] }", "(an axis belongs in [axes])"),
        ("[fixed]\nteacher = [[1, 2], [3]]", "[fixed] teacher: found [[1, 2], [3]]; allowed is"),
        ("[fixed]\nR0 = 1" + "0" * 400, "[fixed] R0: found 1000"),
        ("[fixed]\nR0 = [[1" + "0" * 400 + "]]", "[fixed] R0: found [[1000"),
        ("[fixed]\nK = 0x1" + "0" * 5000, "[fixed] K: found"),
        ("[fixed]\nK." + "a." * 30 + "a = 1", "[fixed] K: found"),
        ("[fixed]\nK." + "a." * 3000 + "a = 1", "line 3 has a key of more than 32 parts; allowed"),
        (".".join(["a"] * 200_000) + " = 1", "line 2 has a key of more than 32 parts"),
        ("[" + " . ".join(["'a b'", '"c.d"', "e"] * 12) + "]", "line 2 has a key of more than 32"),
        ("[axes]\neta_w = [1, -1]", "[axes] eta_w: found -1; allowed is a number > 0"),
        ("[axes]\neta_w = []", "[axes] eta_w: found an empty list"),
        ("[axes]\nETA_W = [1]", "[axes] ETA_W: no such parameter of fake; did you mean eta_w?"),
        ("[fixed]\nK = 3\n[axes]\nK = [3, 4]", "[fixed] K: is in [axes] as well; remove one"),
        ("[axes]\nK = [3]\nK = [4]\nM = [1]", "named twice, remove one of the two"),
        ("[axes]\nK = [3]\nK = [4]\nM = [1]", "(at line 4, column 8): K = [4]"),
        ("[grid]\nzip = ['K', 'M']", '[grid] zip: found ["K", "M"]; allowed is a list of groups'),
        ("[grid]\nzip = [['K']]", "[grid] zip: found"),
        ("[grid]\nzip = [['K', 'M']]", "[grid] zip: K: no such axis of this grid"),
        (
            "[axes]\nK = [1, 2]\nM = [1, 2, 3]\n[grid]\nzip = [['K', 'M']]",
            "[grid] zip: K has 2, M has 3 values; zipped axes need equally many",
        ),
        (
            "[axes]\nK = [1]\nM = [1]\nV = [1]\n[grid]\nzip = [['K', 'M'], ['V', 'K']]",
            "[grid] zip: found K twice",
        ),
        ("[grid]\nexclude = 'K < M'", '[grid] exclude: found "K < M"; allowed is a list'),
        ("[grid]\nexclude = [3]", "[grid] exclude: found [3]; allowed is a list"),
        ("[grid]\nexclude = ['k < M']", "[grid] exclude `k < M`: k: no such parameter; did you m"),
        ("[grid]\nexclude = ['K < 99']", "[grid] exclude: leaves no cell"),
        (
            "[grid]\nexclude = ['K > 9 or not 0 < 2 * teacher <= K']",
            "[grid] exclude `K > 9 or not 0 < 2 * teacher <= K`: takes teacher for a number, which "
            'is "graded", and so never holds; say teacher == "graded"',
        ),
        (
            "[axes]\nR0 = [[[1, 2]], [[2, 3]]]\n[grid]\nexclude = ['R0 == 1']",
            "takes R0 for a number, which is [[1.0, 2.0]], and so never holds; leave it out",
        ),
        ("[plot]\nx = 'etaw'", "[plot] x: etaw: no such parameter; did you mean eta_w?"),
        ("[plot]\nx = 3", "[plot] x: found 3; allowed is a text"),
        ("[plot]\nx = 'K'\nfacet = 'K'", "[plot] facet: found K, which is x already"),
        ("[plot]\nz = 'K'", "[plot] z: no such key of [plot]; allowed: x, y, facet, series"),
        ("[plot]\nlevel = 'low'", '[plot] level: found "low"; allowed is a number'),
        ("[axes]\nseed = {int=[1, 90000]}\nK = {int=[1, 90000]}", "at most 50,000,000"),
        ("[fixed]\nK = \n", "not valid TOML: Invalid value (at line 3, column 5): K ="),
        ("[fixed]\nK = 1" + "0" * 5000, "not valid TOML: a number has too many digits"),
        ("[fixed]\nR0 = " + "[" * 5000, "not valid TOML: nested too deeply"),
    ],
)
def test_bad_files_are_refused_in_one_line_with_the_cure(body: str, message: str) -> None:
    with pytest.raises(GridError) as refusal:
        grid(body, "grids/x.toml")
    line = str(refusal.value)
    assert line.startswith("grids/x.toml: ")
    assert message in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "model: is missing"),
        ("modle = 'fake'", "modle: no such key of a grid file; did you mean model?"),
        ("model = 'fak'", "model: fak: no such model; did you mean fake?"),
        ("model = 3", "model: found 3"),
        ("model = ['fake']", "model: found"),
    ],
)
def test_the_model_must_be_one_there_is(text: str, message: str) -> None:
    with pytest.raises(GridError) as refusal:
        parse_grid(Path("x.toml"), text)
    assert message in str(refusal.value)


MATRIX = "[[1, 0], [0, 2]]"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"fixed = {{ teacher = {MATRIX} }}", "[fixed] teacher: found 2 rows; allowed are M × M"),
        (
            f"fixed = {{ M = 2 }}\naxes = {{ teacher = ['graded', {MATRIX}, [[1]]] }}",
            "[axes] teacher: found 1 rows; allowed are M × M = 2 × 2 (at teacher = [[1.0]])",
        ),
        (
            f"fixed = {{ teacher = {MATRIX} }}\naxes = {{ M = [2, 3] }}",
            "[fixed] teacher: found 2 rows; allowed are M × M = 3 × 3 (at M = 3)",
        ),
    ],
)
def test_conditions_between_parameters_are_checked(body: str, message: str) -> None:
    with pytest.raises(GridError) as refusal:
        grid(body)
    assert message in str(refusal.value)


def test_conditions_do_not_matter_where_cells_are_excluded() -> None:
    found = grid(
        f"""
        fixed = {{ teacher = {MATRIX} }}
        axes = {{ M = [2, 3, 4] }}
        grid = {{ exclude = ["M > 2"] }}
        """
    )
    assert len(found.cells()) == 1


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "fig5.toml").write_text(FULL, encoding="utf-8")
    with pytest.raises(GridError, match=r"no such file; did you mean .*fig5\.toml\?"):
        read_grid(tmp_path / "fig5")
    with pytest.raises(GridError, match=r"no such file$"):
        read_grid(tmp_path / "no" / "where.toml")


@pytest.mark.parametrize("named", ["grids/other.toml", "other.toml", "other", "otter.toml"])
def test_a_missing_file_suggests_the_one_among_the_grids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Also where the folder is left out, the ending, or a letter."""
    (tmp_path / "grids").mkdir()
    (tmp_path / "grids" / "other.toml").write_text(FULL, encoding="utf-8")
    monkeypatch.chdir(tmp_path if named != "grids/other.toml" else tmp_path / "grids")
    meant = "other.toml" if named == "grids/other.toml" else "grids/other.toml"
    with pytest.raises(GridError) as refusal:
        read_grid(named)
    assert str(refusal.value) == f"{named}: no such file; did you mean {meant}?"


@pytest.mark.parametrize("named", ["fig5.toml", "fig5", "grids/fig5.toml"])
def test_a_missing_file_that_ships_suggests_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GridError, match=r"no such file; `sweep new fig5` writes the one that"):
        read_grid(named)


@pytest.mark.parametrize("name", ["...toml", "..toml", ".sweep.toml", ".Sweep.toml", ".."])
def test_a_name_that_no_folder_of_results_can_have_is_refused(name: str) -> None:
    with pytest.raises(GridError, match=r"names the grid .*; rename the file, as in fig5\.toml"):
        parse_grid(Path("grids") / name, 'model = "fake"')


def test_dots_and_words_that_are_no_key_are_read() -> None:
    title = ".".join(["a"] * 20)
    assert (
        grid(f"title = '{title}'\n[axes]\nK = [{', '.join(map(str, range(1, 99)))}]").title == title
    )


def test_a_condition_on_numbers_counts_where_a_parameter_is_one_in_some_cells() -> None:
    found = grid("[axes]\nteacher = ['graded', 1, 2]\n[grid]\nexclude = ['teacher > 1']")
    assert found.cells().values["teacher"] == ("graded", 1.0, 2.0)
    assert len(found.cells()) == 2


@pytest.mark.parametrize("name", ["a\udcffb.toml", "\udcff.toml"])
def test_a_name_that_is_not_utf8_is_refused(name: str) -> None:
    with pytest.raises(GridError, match=r"has a name that is not UTF-8; rename the file"):
        parse_grid(Path(name), 'model = "fake"')


@pytest.mark.parametrize("name", ["a\nb.toml", "a\x1bb.toml"])
def test_a_name_with_control_characters_is_refused(name: str) -> None:
    with pytest.raises(GridError, match="has control characters in its name"):
        parse_grid(Path(name), 'model = "fake"')


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fig5", "fig5"),
        ("fig 5.toml", "fig 5"),
        (".fig5.toml", ".fig5"),
        ("fig5.1.toml", "fig5.1"),
        ("fig5 β.toml", "fig5 β"),
        ("a\\b.toml", "a\\b"),
        ("....toml", "..."),
    ],
)
def test_any_other_name_is_that_of_the_grid(name: str, expected: str) -> None:
    assert parse_grid(Path(name), 'model = "fake"').name == expected


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000 + ".toml", ".", "/dev/zero"])
def test_what_is_no_file_is_refused_in_one_line(path: str) -> None:
    with pytest.raises(GridError) as refusal:
        read_grid(path)
    assert str(refusal.value).isprintable()


def test_text_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b'model = "fake"\ntitle = "\xe9"\n')
    with pytest.raises(GridError, match="line 2 is not UTF-8"):
        read_grid(path)


def refusal_of(text: str) -> str:
    """Why the text is no grid, or nothing where it is one."""
    try:
        parse_grid(Path("x.toml"), text)
    except UsageError as refusal:
        return str(refusal)
    return ""


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert refusal_of(content.decode("utf-8", errors="replace")).isprintable()


@given(st.text(max_size=100), st.integers(0, len(FULL)), st.integers(0, 30))
def test_any_edit_is_read_or_refused(inserted: str, place: int, removed: int) -> None:
    assert refusal_of(FULL[:place] + inserted + FULL[place + removed :]).isprintable()


RAW = st.sampled_from(
    [
        *("3", "-1", "0", "0.5", "-0.0", "inf", "nan", "1e400", "99999999999999999999"),
        *("true", "''", "'K'", "'graded'", "1979-05-27"),
        *("[]", "[[]]", "[3]", "[3, 4]", "[inf, nan]", "['graded', 1]", "[[1, 0], [0, 1]]"),
        *("['K < M']", "[['K', 'M']]", "[{}]", "{}", "{n = 3}", "{int = [1, 3]}"),
        *("{int = [3, 1]}", "{int = [1, 3], step = 0}", "{lin = 3}", "{lin = [1, 2], n = 3}"),
        *("{log = [1, 2], n = 3}", "{log = [0, 1], n = 2}"),
    ]
)
KEYS = st.sampled_from(
    [*(p.name for p in (*MODEL.parameters, *MODEL.solver)), "zip", "exclude", "x", "value", "title"]
)
SECTION = st.sampled_from(["fixed", "axes", "grid", "solver", "plot"])


@given(st.dictionaries(SECTION, st.dictionaries(KEYS, RAW, max_size=3), max_size=3))
def test_any_values_are_read_or_refused(tables: dict[str, dict[str, str]]) -> None:
    lines = ["model = 'fake'"]
    for section, table in tables.items():
        lines += [f"[{section}]", *(f"{key} = {raw}" for key, raw in table.items())]
    assert refusal_of("\n".join(lines)).isprintable()
