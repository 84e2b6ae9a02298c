"""`init` and `check`: what is written works, and a task that breaks a law is told what to mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from epochsearch.core.settings import Settings
from epochsearch.core.trial import Outcome
from epochsearch.search.checks.checking import Check, check_task
from epochsearch.search.running.events import SearchEnded
from epochsearch.search.running.service import Stop, search
from epochsearch.search.settings.study_file import read_study_file
from epochsearch.tasks.templates import TEMPLATES, write_template
from tests.command import run
from tests.contract.subjects import HERE

HEAD = """
import numpy as np, torch
import epochsearch
from torch import nn
random = np.random.default_rng(0)
X = random.normal(size=(60, 3)); Y = (X[:, 0] > 0).astype(int)
class Sound(epochsearch.Task):
    batch_size = "8"
    def data(self): return X, Y
    def model(self): return nn.Linear(3, 2)
"""
BROKEN = {
    "names": """
class T(Sound):
    bacth_size = "16"
""",
    "data again": """
class T(Sound):
    def data(self): return X + np.random.default_rng().normal(size=X.shape), Y
""",
    "parts apart": """
class T(Sound):
    def data(self): return np.tile(X[:40], (2, 1)), np.tile(Y[:40], 2)
""",
    "one epoch": """
class T(Sound):
    loss = lambda outputs, targets: outputs.sum() * float('nan')
""",
    "gradients": """
class T(Sound):
    def model(self):
        model = nn.Linear(3, 2)
        model.other = nn.Linear(3, 2)
        return model
""",
    "prefix": """
class Drift(nn.Linear):
    def forward(self, x):
        np.calls = getattr(np, "calls", 0) + 1
        return super().forward(x) * (1 + np.calls / 100)
class T(Sound):
    def model(self): return Drift(3, 2)
""",
    "independence": """
class T(Sound):
    calls = 0
    def training_step(self, model, x, y):
        self.calls += 1
        return nn.functional.cross_entropy(model(x), y) * (1 + self.calls / 100)
""",
    "resume": """
class Count(nn.Linear):
    seen = 0
    def forward(self, x):
        self.seen += self.training
        return super().forward(x) * (1 + self.seen / 100)
class T(Sound):
    def model(self): return Count(3, 2)
""",
}
"""What is found -> a task that has it."""


def checked(folder: Path, code: str) -> dict[str, Check]:
    (folder / "task.py").write_text(HEAD + code)
    return {one.name: one for one in check_task(Settings(task=f"{folder / 'task.py'}:T", device="cpu"))}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_has_nothing_to_mend_and_its_study_runs(template: str, tmp_path: Path) -> None:
    """As it is written."""
    if template == "lightning":
        pytest.importorskip("lightning", reason="the extra [lightning] is not installed")
    task, study, _ = write_template(template, tmp_path / "mine")
    small = Settings(task=str(task), trials=2, axes={"epochs": "1:2"}, workers="0", device="cpu")

    found = list(check_task(Settings(task=str(task), device="cpu")))
    *_, ended = search(small.over(read_study_file(str(study))), f"sqlite:///{tmp_path / 'a.db'}", Stop())

    assert {one.verdict for one in found} == {"ok"}
    assert isinstance(ended, SearchEnded)
    assert ended.summary.counts[Outcome.COMPLETED] == 2


def test_what_init_says_to_type_next_works(tmp_path: Path) -> None:
    """In the folder that it made, whose own test passes too."""
    made = run("init", "mine", cwd=tmp_path)

    told = run("check", "task.py", cwd=tmp_path / "mine")

    assert "epochsearch check task.py" in made.stdout
    assert "PASS" in told.stdout


def test_a_sound_task_has_nothing_to_mend(tmp_path: Path) -> None:
    """Every check is there, and ok."""
    found = checked(tmp_path, "class T(Sound): pass")

    assert set(found) > set(BROKEN)
    assert {one.verdict for one in found.values()} == {"ok"}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_law_is_found_and_says_what_to_mend(name: str, tmp_path: Path) -> None:
    """The check of that name does not pass, and the others before it do."""
    found = checked(tmp_path, BROKEN[name])
    earlier = list(found.values())[: list(found).index(name)]

    assert found[name].verdict == ("note" if name in ("names", "gradients") else "failed")
    assert found[name].mend
    assert {one.verdict for one in earlier} == {"ok"}


def test_a_step_of_ones_own_that_keeps_nothing_has_nothing_to_mend(tmp_path: Path) -> None:
    """It may draw at random and call the model twice."""
    step = """
class T(Sound):
    def training_step(self, model, x, y):
        noisy = model(x + 0.1 * torch.randn_like(x))
        return nn.functional.cross_entropy(noisy, y) + (noisy - model(x)).square().mean()
"""

    found = checked(tmp_path, step)

    assert {one.verdict for one in found.values()} == {"ok"}


def test_few_different_rows_are_no_leak(tmp_path: Path) -> None:
    """Where there are but few rows to be had, some of them are bound to be in both parts."""
    found = checked(tmp_path, "class T(Sound):\n    def data(self): return (X > 0).astype(float), Y")

    assert found["parts apart"].verdict == "note"


def test_a_task_that_fails_its_check_ends_with_exit_code_1(tmp_path: Path) -> None:
    """And says so in the document."""
    (tmp_path / "task.py").write_text(HEAD + BROKEN["resume"])

    ended = run("check", "task.py:T", "--json", cwd=tmp_path)

    assert ended.returncode == 1
    assert json.loads(ended.stdout)["passed"] is False


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (
            ("init", "a", "--template", "imge"),
            "--template imge: there is no such template. Did you mean 'image'",
            2,
        ),
        (("init", "."), "the file is there already. Give another folder", 2),
        (("check", "table:a.csv"), "there is no such file", 3),
        (("check", "missing.py"), "there is no such file", 3),
    ],
)
def test_wrong_input_is_told(arguments: tuple[str, ...], message: str, code: int, tmp_path: Path) -> None:
    """In four parts; nothing of the user's is written over."""
    (tmp_path / "study.toml").write_text("mine")

    ended = run(*arguments, cwd=tmp_path)

    assert message in ended.stderr
    assert ended.returncode == code
    assert (tmp_path / "study.toml").read_text() == "mine"


def test_of_a_learner_that_trains_itself_no_gradients_are_claimed() -> None:
    """What was not looked at is not called good."""
    found = {one.name: one for one in check_task(Settings(task=f"{HERE}:Own"))}

    assert found["gradients"].said == "not looked at: it is not trained by this tool's own loop"
    assert {one.verdict for one in found.values()} == {"ok"}
