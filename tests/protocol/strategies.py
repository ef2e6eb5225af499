"""Random values of the protocol's types."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from protocol.capability import Capability, Material, Requirement
from protocol.jobspec import Part
from protocol.typed import TypedStruct
from protocol.units import Address, address_of


def addresses() -> st.SearchStrategy[Address]:
    return st.binary(min_size=20, max_size=20).map(lambda raw: address_of("0x" + raw.hex()))


def values(solidity: str) -> st.SearchStrategy[Any]:
    if solidity.startswith("uint"):
        return st.integers(0, 2 ** int(solidity[4:]) - 1)
    return {
        "address": addresses(),
        "bytes32": st.binary(min_size=32, max_size=32),
        "bool": st.booleans(),
        "string": st.text(st.characters(codec="utf-8"), max_size=30),
    }[solidity]


def structs(struct: type[TypedStruct]) -> st.SearchStrategy[TypedStruct]:
    return st.builds(struct, **{name: values(kind) for name, (_, kind) in struct.members.items()})


sizes = st.tuples(*[st.integers(1, 400_000)] * 3)
kinds = st.sampled_from(["PLA", "PETG", "ABS"])
colours = st.sampled_from(["black", "white", "orange"])
capabilities = st.builds(
    Capability,
    technology=st.just("FDM"),
    bed_um=sizes,
    materials=st.lists(
        st.builds(Material, kinds, st.lists(colours, unique=True).map(tuple)),
        min_size=1,
        unique_by=lambda material: material.kind,
    ).map(tuple),
    nozzle_um=st.integers(100, 1200),
    min_layer_um=st.integers(20, 150),
    max_layer_um=st.integers(150, 400),
)
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
counts = st.integers(1, 2**32 - 1)
parts = st.builds(
    Part,
    name=texts,
    model=st.binary(min_size=32, max_size=32),
    bytes=counts,
    copies=counts,
    volume_mm3=counts,
    area_mm2=counts,
    size_um=sizes,
    triangles=counts,
    material=kinds,
    colour=st.one_of(st.just("any"), colours),
    layer_um=st.integers(20, 400),
    infill_percent=st.integers(0, 100),
)
requirements = st.builds(Requirement, sizes, kinds, st.one_of(st.just("any"), colours), st.integers(20, 400))
