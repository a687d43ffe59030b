"""The checker of types and shapes that tests put on functions of the book."""

from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

#: As Python's own typing has it, an int will do for a float.
check = beartype(conf=BeartypeConf(is_pep484_tower=True))


def install() -> None:
    """Checks annotations in every call; to be called before the first import of the book."""
    install_import_hook("book", f"{__name__}.check")
