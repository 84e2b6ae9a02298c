"""Whether what is trained here and now is still what a study was made with."""

from __future__ import annotations

from collections.abc import Sequence

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import SpecDiffersError
from epochsearch.core.spec import StudySpec
from epochsearch.engines.device import arithmetic, resolve_device
from epochsearch.search.running.curves import torch_version
from epochsearch.tasks.base import Task
from epochsearch.tasks.fingerprint import fingerprint


def check_conditions(study: str, spec: StudySpec, task: Task, identities: Sequence[CurveIdentity]) -> None:
    """Return if curves trained now are the ones of the study.

    Raises:
        SpecDiffersError: They are others: the task's code or data, torch, or the arithmetic changed.
    """
    now = {"the task's code or data": fingerprint(task)}
    was = {"the task's code or data": [identity.fingerprint for identity in identities]}
    if not task.recorded:
        now["torch"], was["torch"] = torch_version(), [identity.torch for identity in identities]
        now["the arithmetic"] = arithmetic(resolve_device(spec.device))
        was["the arithmetic"] = [identity.device for identity in identities]
    for name, value in now.items():
        other = next((stored for stored in was[name] if stored != value), None)
        if other is not None:
            rule = (
                f"{name} was {other[:24]} and is {value[:24]} now, so that its curves cannot be trained again"
            )
            action = "Bring back what it was made with, or begin another study."
            raise SpecDiffersError("study", study, rule, action)
