"""The page of a study in a real Chromium, and its figures and note in optuna-dashboard's own words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from optuna_dashboard._note import get_note

from epochsearch.core.settings import Settings
from epochsearch.search.answers import studied as studying
from epochsearch.search.running.service import Stop, search
from tests.command import document, run
from tests.contract.subjects import write_table
from tests.integration.chromium import DRAWN

FAILING = """
import epochsearch
import numpy as np
from torch import nn

class Failing(epochsearch.Task):
    def data(self):
        return np.random.default_rng(0).random((200, 4)), np.arange(200) % 3

    def model(self):
        raise RuntimeError("no <b>model</b> today")
"""


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The document of a report on a study of recorded curves, and where it is."""
    folder = tmp_path_factory.mktemp("report")
    write_table(folder / "a.csv", epochs=20)
    given = ["--trials", "30", "--study", "s", "--storage", "a.db"]
    document("run", "table:a.csv", *given, cwd=folder)
    told = document("report", "s", "--price", "2.1/h", "--html", "page.html", "--storage", "a.db", cwd=folder)
    return told | {"folder": folder}


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_the_answer_and_asks_for_nothing(
    width: int, scheme: str, reported: Any, browser: Any
) -> None:
    """Read as a person reads it: no failed request, none but for the file, nothing on the console."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto((reported["folder"] / "page.html").as_uri())
    page.wait_for_function(DRAWN)
    answer, whole = page.inner_text("#answer"), page.inner_text("body")
    drawn = page.locator(".plot .main-svg").count()
    overflow = page.evaluate("document.documentElement.scrollWidth") - width
    page.close()

    assert str(reported["recommended"]["epochs"]) in answer
    assert str(reported["recommended"]["batch_size"]) in answer
    assert reported["diagnosis"]["said"].capitalize()[:40] in whole
    assert "the test part has not been looked at" in answer
    assert drawn >= 5
    assert overflow <= 0
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.browser
def test_the_slider_goes_through_the_epochs(reported: Any, browser: Any) -> None:
    """A click on its left end shows the colours of the first epoch."""
    page = browser.new_page()
    page.goto((reported["folder"] / "page.html").as_uri())
    page.wait_for_function(DRAWN)
    colours = "() => document.getElementById('landscape').data[0].marker.color"
    last = page.evaluate(colours)

    first = page.evaluate("() => document.getElementById('landscape').layout.sliders[0].steps[0].args[0]")
    rail = page.locator("#landscape .slider-rail-touch-rect")
    rail.scroll_into_view_if_needed()
    rail.click(position={"x": 2, "y": 5}, force=True)
    page.wait_for_function(
        f"() => JSON.stringify(({colours})()) !== {json.dumps(json.dumps(last, separators=(',', ':')))}"
    )
    shown = page.evaluate(colours)
    page.close()

    assert shown == first["marker.color"][0]
    assert shown != last


def test_the_page_is_one_file_with_every_section(reported: Any) -> None:
    """The answer first; nothing is loaded from elsewhere."""
    text = (reported["folder"] / "page.html").read_text(encoding="utf-8")
    headings = re.findall(r"<h2>(.*?)</h2>", text)

    assert headings == [
        "Training and validation",
        "Under- or over-fitted?",
        "Where the search looked",
        "What mattered",
        "Return on compute",
        "What a batch size costs",
        "Failures and prunings",
        "How to reproduce it",
        "How to read this",
    ]
    assert text.index("id='answer'") < text.index("<h2>")
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=.https?:", text)
    assert reported["bytes"] == len(text.encode()) < 8e6


def test_the_study_has_the_figures_and_a_note(reported: Any) -> None:
    """As optuna-dashboard reads them; a second report takes their place."""
    arguments = ["--html", "again.html", "--storage", "a.db"]
    document("report", "s", *arguments, cwd=reported["folder"])

    study = optuna.load_study(study_name="s", storage=f"sqlite:///{reported['folder'] / 'a.db'}")
    figures = get_plotly_graph_objects(study._storage.get_study_system_attrs(study._study_id))
    names = {"curves", "metrics", "landscape", "importances", "returns", "progress"}
    assert {name.removeprefix("epochsearch-report-") for name in figures} == names
    assert get_note(study).startswith("### epochsearch report on table:a.csv")
    assert "Diagnosis: " in get_note(study)


def test_a_study_in_which_nothing_worked_has_a_page_too(tmp_path: Path) -> None:
    """Without what there is not; the reasons are told, and are text."""
    (tmp_path / "mine.py").write_text(FAILING)
    given = ["--trials", "2", "--workers", "0", "--study", "s", "--storage", "a.db", "--batch-size", "16"]
    run("run", "mine.py", *given, cwd=tmp_path)

    told = document("report", "s", "--html", "deep/page.html", "--storage", "a.db", cwd=tmp_path)

    text = (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")
    assert (told["recommended"], told["diagnosis"]) == (None, None)
    assert "No answer yet" in text
    assert "no &lt;b&gt;model&lt;/b&gt; today" in text
    assert "<h2>Where the search looked</h2>" not in text


@pytest.mark.parametrize("reading", ["grounds", "study_summary", "study_curves"])
def test_a_study_that_goes_on_while_it_is_read_has_an_answer_with_its_curve(
    reading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of its parts is read last, the point to take lies on a curve that was read."""
    write_table(tmp_path / "a.csv", epochs=20)
    given = Settings(task=f"table:{tmp_path / 'a.csv'}", sampler="random", study="s", workers="0")
    url = f"sqlite:///{tmp_path / 'a.db'}"
    list(search(replace(given, trials=2), url, Stop()))
    read = getattr(studying, reading)

    def later(*arguments: Any) -> Any:
        list(search(replace(given, trials=40), url, Stop()))
        return read(*arguments)

    monkeypatch.setattr(studying, reading, later)
    found = studying.studied(url, "s")

    assert found.grounds is not None
    assert found.chosen is not None
    assert found.chosen.point == found.grounds.recommendation.recommended.point


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["t"], 3, "there is no such study"),
        (["s", "--price", "cheap"], 2, "Example: --price 2.1/h"),
        (["s", "--html", "a.db/page.html"], 2, "it cannot be written"),
    ],
)
def test_what_is_wrong_is_told(arguments: list[str], code: int, said: str, reported: Any) -> None:
    """In one line, with what to do."""
    ended = run("report", *arguments, "--storage", "a.db", cwd=reported["folder"])

    assert ended.returncode == code
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
