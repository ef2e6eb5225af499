"""The headers of tus 1.0: read, or refused by name."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.designs.tus import (
    NUMBER_LIMIT,
    TusHeaderMalformed,
    TusVersionUnsupported,
    metadata_line,
    metadata_of,
    number_of,
    version_check,
)

names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
texts = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.mark.parametrize("said", [None, "", "1.0", "1.0.1", "0.2.2", "2.0.0"])
def test_another_version_is_refused(said):
    with pytest.raises(TusVersionUnsupported, match=r"1\.0\.0"):
        version_check({} if said is None else {"Tus-Resumable": said})


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", "1e3", "0x10", " 1", "٣", "9" * 20, str(NUMBER_LIMIT + 1)]
)
def test_what_is_no_count_is_refused(text):
    with pytest.raises(TusHeaderMalformed, match="Upload-Length"):
        number_of({"Upload-Length": text}, "Upload-Length")


@pytest.mark.parametrize(
    "line",
    ["filename %%%", "filename aGk=,filename aGk=", " , ", "filename /w==", "a" * 5000, "filename aGk= more"],
)
def test_metadata_that_cannot_be_read_is_refused(line):
    with pytest.raises(TusHeaderMalformed, match="Upload-Metadata"):
        metadata_of({"Upload-Metadata": line})


@given(st.text(max_size=60))
def test_any_metadata_is_read_or_refused(line):
    with suppress(TusHeaderMalformed):
        assert all(metadata_of({"Upload-Metadata": line}))


@given(st.dictionaries(names, texts, max_size=3))
def test_metadata_comes_back_as_it_was_written(values):
    assert metadata_of({"Upload-Metadata": metadata_line(values)}) == values


@given(st.integers(0, NUMBER_LIMIT))
def test_a_count_is_read(number):
    assert number_of({"Upload-Offset": str(number)}, "Upload-Offset") == number


def test_a_name_may_have_no_value():
    assert metadata_of({"Upload-Metadata": "filename aGk=, is_confidential"}) == {
        "filename": "hi",
        "is_confidential": "",
    }
