"""Optuna's own tools read the database as it is: optuna-dashboard in a real Chromium, and `optuna`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.command import document
from tests.integration.dashboard import beside_python, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PLOTTED = """
    () => document.getElementById("graph-intermediate-values").data
        .map(trace => [trace.name.trim(), Array.from(trace.x), Array.from(trace.y)])
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The storage of one small search on digits."""
    storage = f"sqlite:///{tmp_path_factory.mktemp('dashboard') / 'studies.db'}"
    arguments = ["--trials", "8", "--epochs", "2:6", "--batch-size", "64,128", "--workers", "1"]
    document("run", "digits", *arguments, "--study", "seen-in-a-browser", "--storage", storage)
    return storage


@pytest.fixture(scope="module")
def shown(url: str) -> Any:
    """The same study as `epochsearch show --json` tells it."""
    return document("show", "seen-in-a-browser", "--storage", url)


@pytest.fixture(scope="module")
def dashboard(url: str) -> Iterator[str]:
    """The address of a plain optuna-dashboard that serves the database."""
    with serving(url) as address:
        yield address


@pytest.fixture(scope="module")
def page(dashboard: str) -> Iterator[Any]:
    """A page of a headless Chromium, wide enough for every panel."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1400, "height": 1800})
        browser.close()


@pytest.mark.browser
def test_the_dashboard_lists_the_study(page: Any, dashboard: str) -> None:
    """The first page names the study and the direction of its objective."""
    page.goto(dashboard)

    page.get_by_text("seen-in-a-browser").first.wait_for()

    assert "Direction: MINIMIZE" in page.inner_text("body")


@pytest.mark.browser
def test_the_dashboard_plots_every_curve_epoch_by_epoch(page: Any, dashboard: str, shown: Any) -> None:
    """The intermediate values of a trial are its validation losses, at 1-based epochs."""
    page.goto(f"{dashboard}/studies/1")

    page.wait_for_function("() => document.getElementById('graph-intermediate-values')?.data?.length > 0")
    plotted = {name: (steps, values) for name, steps, values in page.evaluate(PLOTTED)}

    expected = {f"trial #{t['number']}": t["val_loss"] for t in shown["trials"]}
    assert {name: values for name, (_, values) in plotted.items()} == expected
    assert all(steps == list(range(1, len(values) + 1)) for steps, values in plotted.values())


@pytest.mark.browser
def test_the_dashboard_shows_the_best_point(page: Any, dashboard: str, shown: Any) -> None:
    """The best trial's number, value and triple are those that the tool names."""
    page.goto(f"{dashboard}/studies/1")

    page.get_by_text(f"Best Trial (number={shown['best']['trial']})").wait_for()
    text = page.inner_text("body")

    best = shown["best"]
    triple = dict(re.findall(r"(epochs|learning_rate|batch_size): ([-+.e\d]+)", text))
    assert str(best["value"]) in text
    assert {name: float(value) for name, value in triple.items()} == {
        name: best[name] for name in ("epochs", "learning_rate", "batch_size")
    }


def test_the_optuna_command_lists_the_study(url: str) -> None:
    """`optuna studies` on the same URL knows the study and all its trials."""
    listed = subprocess.run(
        [beside_python("optuna"), "studies", "--storage", url, "--format", "json"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    studies = [(study["name"], study["n_trials"]) for study in json.loads(listed.stdout)]
    assert studies == [("seen-in-a-browser", 8)]
