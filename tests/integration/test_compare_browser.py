"""The page of a comparison in a real Chromium, and its figure and note in optuna-dashboard's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from optuna_dashboard._note import get_note

from tests.command import document
from tests.contract.subjects import write_table
from tests.integration.chromium import DRAWN


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The document of a small comparison on two recorded tables, its page and its storage."""
    folder = tmp_path_factory.mktemp("page")
    write_table(folder / "first.csv")
    write_table(folder / "second.csv", epochs=8)
    arguments = ["--samplers", "grid,random,tpe+none", "--seeds", "4", "--epoch-budget", "50"]
    given = ["table:first.csv", "table:second.csv", *arguments, "--html", "page.html", "--storage", "a.db"]
    return document("compare", *given, cwd=folder) | {"folder": folder}


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_the_verdict_and_asks_for_nothing(
    width: int, scheme: str, compared: Any, browser: Any
) -> None:
    """Read as a person reads it: no failed request, none but for the file, nothing on the console."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    page.on("request", lambda request: asked.append(request.url))

    page.goto((compared["folder"] / "page.html").as_uri())
    page.wait_for_function(DRAWN)
    verdict, whole = page.inner_text("#verdict"), page.text_content("body")
    drawn = page.locator(".plot .main-svg").count()
    overflow = page.evaluate("document.documentElement.scrollWidth") - width
    page.close()

    assert compared["verdicts"][0] in verdict
    assert all(sentence[2:] in whole for sentence in compared["verdicts"])
    assert drawn >= 4
    assert overflow <= 0
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.browser
def test_a_folded_task_is_drawn_when_it_is_opened(compared: Any, browser: Any) -> None:
    """The second table's figures appear on a click."""
    page = browser.new_page()
    page.goto((compared["folder"] / "page.html").as_uri())
    page.wait_for_function(DRAWN)
    assert page.locator("#task1-epochs .main-svg").count() == 0

    page.locator("details:not([open]) > summary").click()

    page.wait_for_selector("#task1-epochs .main-svg")
    page.close()


def test_every_study_has_the_figure_and_a_note(compared: Any) -> None:
    """As optuna-dashboard reads them."""
    storage = f"sqlite:///{compared['folder'] / 'a.db'}"

    for task in compared["tasks"]:
        for entry in task["entries"]:
            study = optuna.load_study(study_name=entry["studies"][0], storage=storage)
            figures = get_plotly_graph_objects(study._storage.get_study_system_attrs(study._study_id))
            assert list(figures) == ["epochsearch-comparison"]
            assert all(name in figures["epochsearch-comparison"] for name in ("grid", "random", "tpe+none"))
            assert get_note(study).startswith("### epochsearch compare on ")


def test_a_note_that_somebody_wrote_stays(tmp_path: Path) -> None:
    """The comparison leaves it as it is, and puts its figure there all the same."""
    from optuna_dashboard import save_note

    write_table(tmp_path / "a.csv")
    given = ["compare", "table:a.csv", "--samplers", "random,tpe", "--seeds", "1", "--epoch-budget", "20"]
    name = document(*given, "--storage", "a.db", "--no-html", cwd=tmp_path)["entries"][0]["studies"][0]
    study = optuna.load_study(study_name=name, storage=f"sqlite:///{tmp_path / 'a.db'}")
    save_note(study, "mine")

    document(*given, "--storage", "a.db", "--no-html", cwd=tmp_path)

    again = optuna.load_study(study_name=name, storage=f"sqlite:///{tmp_path / 'a.db'}")
    assert get_note(again) == "mine"
    assert len(get_plotly_graph_objects(again._storage.get_study_system_attrs(again._study_id))) == 1
