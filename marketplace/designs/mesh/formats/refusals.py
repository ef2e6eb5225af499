"""Every way a file is refused while it is read: a stable code, and words that say what to do."""

from typing import Final

from marketplace.designs.mesh.measurement import ModelRefused

ACCEPTED: Final = "STL, 3MF, OBJ, PLY, GLB, STEP, or a zip of such files"


def not_a_model(what: str = "not a model that can be read") -> ModelRefused:
    return ModelRefused("not-a-model", f"This is {what}. Upload the model as {ACCEPTED}.")


def truncated(what: str, detail: str) -> ModelRefused:
    return ModelRefused(
        "truncated", f"The {what} file ends too early: {detail}. Export it again, or repeat the upload."
    )


def broken(what: str, detail: str) -> ModelRefused:
    return ModelRefused(
        "broken-file",
        f"The {what} file is damaged: {detail}. Open it in your modelling program and export it again.",
    )


def unread(what: str, detail: str) -> ModelRefused:
    """For what a library refuses: it may be right, or stricter than the format."""
    return ModelRefused(
        "broken-file",
        f"The {what} file cannot be read by the {what} library as it is: {detail}. "
        "Export it again from your modelling program, or as STL or STEP.",
    )


def unsupported(what: str, detail: str, instead: str) -> ModelRefused:
    return ModelRefused("unsupported", f"The {what} file uses {detail}, which is not read here. {instead}")


def empty(detail: str = "The model has no facets.") -> ModelRefused:
    return ModelRefused("empty", f"{detail} Select the body and export it again.")


def outside(what: str, detail: str) -> ModelRefused:
    return ModelRefused(
        "not-self-contained",
        f"The {what} file refers to {detail}. Export it with everything inside one file.",
    )


def unsafe(detail: str) -> ModelRefused:
    return ModelRefused(
        "unsafe-archive", f"The archive holds {detail}. Pack the models again, and nothing else."
    )


def too_large_unpacked(limit: int) -> ModelRefused:
    return ModelRefused(
        "archive-too-large",
        f"The archive unpacks to more than {limit / 1e6:.0f} MB, or to far more than models do. "
        "Export with a coarser tolerance, or upload the parts one by one.",
    )


def too_many_triangles(count: int, limit: int) -> ModelRefused:
    return ModelRefused(
        "too-many-triangles",
        f"The model has {count:,} facets, the limit is {limit:,}. "
        "Export it with a coarser tolerance: prints show no difference above a few hundred thousand.",
    )


def too_many(what: str, count: int, limit: int) -> ModelRefused:
    return ModelRefused(
        "too-many-parts",
        f"The file has {count:,} {what}, the limit is {limit:,}. Upload it in smaller files.",
    )
