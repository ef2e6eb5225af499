"""Where keys stand in a TOML text."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.toml_places import Place, line_of, places_of
from tests.provider_agent.samples import config_toml


def test_what_is_not_there_has_the_line_of_its_table_or_none() -> None:
    places = places_of("a = 1\n[b]\nc = 2\n")
    assert line_of(places, ("b", "d")) == 2
    assert line_of(places, ("b", "c", "deep", 3)) == 3
    assert line_of(places, ("x",)) is None


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ("a = 1 # [not] = a table\nb = 2", ("b",), 2),
        ('a = """\n[x]\nb = 1\n"""\nb = 2', ("b",), 5),
        ("a = '''\n'b = 1\n'''\nb = 2", ("b",), 4),
        ('a = "# [ \\" {"\nb = 2', ("b",), 2),
        ("a = '[\\'\nb = 2", ("b",), 2),
        ("a = [\n  1, # ]\n  [2],\n]\nb = 2", ("b",), 5),
        ('a = [{ k = "]" },\n{ k = "}" }]\nb = 2', ("b",), 3),
        ('"a b".c = 1\n[ x . "y.z" ]\nd = 1', ("x", "y.z", "d"), 3),
        ("\r\n[a]\r\nb = 1\r\n", ("a", "b"), 3),
        ("[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3", ("a", 1, "c", "d"), 6),
        ("[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nd = 1", ("a", 1, "b", 0, "d"), 7),
        ('a = """x""""\nb = 2', ("b",), 2),
        ('"\\U0001F600" = 1', ("\U0001f600",), 1),
    ],
)
def test_texts_comments_and_brackets_hide_no_line(text: str, place: Place, line: int) -> None:
    tomllib.loads(text)
    assert places_of(text)[place] == line


def test_every_key_of_an_agent_toml_stands_where_it_is_said_to() -> None:
    text = config_toml()
    lines, places = text.splitlines(), places_of(text)
    keys = [place for place in places if not isinstance(place[-1], int)]
    assert len(keys) > 30
    assert all(str(place[-1]) in lines[places[place] - 1] for place in keys)


VALUES = st.one_of(
    st.integers(0, 9).map(str),
    st.text(st.characters(codec="ascii", exclude_characters="\x7f"), max_size=9).map(json.dumps),
    st.sampled_from(
        ["[]", "[1,\n2]", "{ a = 1 }", "[\n# ] '\n{ b = '#' },\n]", "'''\n[c]\n'''", '"""\n\\"\n"""']
    ),
)
KEYS = st.from_regex(r"[a-z0-9_-]{1,5}", fullmatch=True)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=4))
def test_every_key_of_any_file_is_found(tables: dict[str, dict[str, str]]) -> None:
    text = ""
    wanted: dict[Any, int] = {}
    for table, members in tables.items():
        wanted[(table,)] = text.count("\n") + 1
        text += f"[{table}] # a = [\n"
        for key, value in members.items():
            wanted[table, key] = text.count("\n") + 1
            text += f"{key} = {value}\n\n"
    tomllib.loads(text)
    assert places_of(text) == wanted
