"""Reading what skops wrote, and only of types that are trusted: scikit-learn's, NumPy's, and one's own."""

from __future__ import annotations

from typing import Any

from epochsearch.core.errors import TaskError

_TRUSTED = ("sklearn.", "numpy.")


def load_trusted(state: bytes, own: object, where: str) -> Any:
    """Return the object that `state` holds.

    own: an object whose type may be among its parts; where: how a message names the task's method.

    Raises:
        TaskError: It holds a type that is neither scikit-learn's nor NumPy's nor that of `own`.
    """
    from skops import io

    unknown = io.get_untrusted_types(data=state)
    trusted = f"{type(own).__module__}.{type(own).__qualname__}"
    foreign = [name for name in unknown if not name.startswith(_TRUSTED) and name != trusted]
    if foreign:
        rule = "a checkpoint may hold only scikit-learn's, NumPy's and the estimator's own types"
        raise TaskError(where, f"state with {foreign[0]}", rule, "Use an estimator of such parts.")
    return io.loads(state, trusted=unknown)
