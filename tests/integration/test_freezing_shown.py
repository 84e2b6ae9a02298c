"""A search that froze and thawed, as its page and optuna-dashboard show it in a real Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.command import document
from tests.contract.subjects import write_table
from tests.integration.chromium import DRAWN
from tests.integration.dashboard import serving

CONTOUR = "() => document.getElementById('graph-contour')?.data?.length > 0"
IMPORTANCES = "() => document.getElementById('graph-hyperparameter-importances')?.data?.length > 0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the storage of one search on recorded curves is, and its page."""
    folder = tmp_path_factory.mktemp("freezing")
    write_table(folder / "a.csv", epochs=20)
    given = ["--sampler", "freeze-thaw", "--epochs", "20", "--epoch-budget", "120", "--study", "s"]
    document("run", "table:a.csv", *given, "--storage", "a.db", cwd=folder)
    document("report", "s", "--html", "page.html", "--storage", "a.db", cwd=folder)
    return folder


@pytest.mark.browser
def test_the_page_draws_what_was_thawed_and_what_was_expected(folder: Path, browser: Any) -> None:
    """A stretch for every order, a mark for every forecast whose outcome is known; nothing on the console."""
    shown = document("show", "s", "--storage", "a.db", cwd=folder)
    page, said = browser.new_page(viewport={"width": 390, "height": 900}), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto((folder / "page.html").as_uri())
    page.wait_for_function(DRAWN)
    text = page.inner_text("body")
    stretches, forecasts = (
        page.evaluate(f"() => document.getElementById('{name}').data.map(trace => trace.x.length)")
        for name in ("orders", "forecasts")
    )
    overflow = page.evaluate("document.documentElement.scrollWidth") - 390
    page.close()

    calibration = shown["calibration"]["next"]
    assert sum(stretches[:2]) == 3 * len(shown["orders"])  # two ends and a gap each
    assert sum(forecasts[1:]) == calibration["orders"]
    assert f"{calibration['inside']} of {calibration['orders']} forecasts held" in text
    assert re.search(r"Never finished, (all|the \d+ most promising)", text)
    assert (said, overflow <= 0) == ([], True)


@pytest.mark.browser
def test_the_dashboard_has_contours_and_importances(folder: Path, browser: Any) -> None:
    """Of all three hyperparameters, the epochs that were read off among them."""
    page = browser.new_page(viewport={"width": 1400, "height": 1800})

    with serving(f"sqlite:///{folder / 'a.db'}") as address:
        page.goto(f"{address}/studies/1")
        page.wait_for_function(IMPORTANCES)
        named = page.evaluate(
            "() => document.getElementById('graph-hyperparameter-importances').data.flatMap(trace => trace.y)"
        )
        page.goto(f"{address}/studies/1/analytics")
        page.wait_for_function(CONTOUR)
        contour = page.evaluate(
            "() => document.getElementById('graph-contour').data.map(trace => [trace.type, trace.x.length])"
        )
    page.close()

    assert {name.strip() for name in named} == {"epochs", "learning_rate", "batch_size"}
    assert contour[0][0] == "contour"
    assert contour[1][1] > 5  # trials
