"""Many keys, a few hundred at a time: a query holds only so many."""

from collections.abc import Iterable, Iterator

AT_ONCE = 500


def in_parts(keys: Iterable[str]) -> Iterator[list[str]]:
    """All of them, sorted."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
