"""`audit`: Optuna's own pruners on curves whose ends are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.choice import parse_choice, resolve
from epochsearch.core.errors import UsageError
from epochsearch.core.settings import Settings
from epochsearch.core.space import parse_space
from epochsearch.search.comparing.audit import CurvesAudit, audit_pruners, stop_epochs
from epochsearch.search.proposing.pruners import pruner_defaults
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_curves
from tests.command import document, run
from tests.contract.subjects import write_table

SPACE = parse_space({"epochs": "2:12", "learning_rate": "1e-4:1e-1", "batch_size": "16,64"})


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("audit") / "recorded.csv")


def audited(source: str, storage: str = "", **more: object) -> CurvesAudit:
    *_, last = audit_pruners(source, storage, **more)  # type: ignore[arg-type]
    assert isinstance(last, CurvesAudit)
    return last


def test_a_pruner_stops_where_a_search_with_it_would_have(table: Path) -> None:
    """In the order of the trials, the epochs are those at which the same search with the pruner stopped."""
    choice = resolve(
        parse_choice("median(n_min_trials=1,n_startup_trials=2)", ""), pruner_defaults(SPACE, None), ""
    )
    axes = {"epochs": "12", "learning_rate": "1e-4:1e-1", "batch_size": "16,64,256"}
    url = f"sqlite:///{table.parent / 'b.db'}"
    for name, pruner in (("whole", "none"), ("pruned", str(choice))):
        settings = Settings(
            task=f"table:{table}", trials=25, pruner=pruner, study=name, sampler="random", axes=axes
        )
        for _ in search(settings, url):
            pass
    curves = [tuple(r.val_loss for r in one.reports) for one in study_curves(url, "whole")]
    done = [one.trial.epochs_done for one in study_curves(url, "pruned")]

    stops = stop_epochs(curves, choice, "final", seed=None)

    assert any(stops)
    assert [stop or len(losses) for stop, losses in zip(stops, curves, strict=True)] == done


def test_no_pruner_saves_and_loses_nothing(table: Path) -> None:
    """The yardstick, over all curves of a table; one that diverges ends there."""
    (one,) = audited(f"table:{table}", pruners="none", shuffles=3).pruners

    assert one.result.epochs_complete == 18 * 12 + 3 * 4
    assert (one.result.share_saved, one.result.stopped, one.result.lost_best.estimate) == (0, 0, 0)


def test_the_same_seed_gives_the_same_audit(table: Path) -> None:
    """Every pruner, also those that draw from the study's name; another seed, other orders."""
    names = "median,percentile,asha,hyperband,patient,threshold(upper=1.0)"

    first = audited(f"table:{table}", pruners=names, shuffles=3)

    assert first == audited(f"table:{table}", pruners=names, shuffles=3)
    assert [one.pruner.name for one in first.pruners] == [
        "median", "percentile", "asha", "hyperband", "patient", "threshold",
    ]  # fmt: skip
    assert any(one.result.share_saved > 0 for one in first.pruners)
    assert len(first.correlation) == 12


def test_trials_that_were_cut_short_are_refused(table: Path, tmp_path: Path) -> None:
    """What a pruner has stopped cannot tell what stopping it cost, unless another study trained it on."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    axes = {"epochs": "12", "learning_rate": "1e-4,1e-3,1e-2", "batch_size": "16,64"}
    stopped = Settings(
        task=f"table:{table}", sampler="grid", pruner="threshold(upper=1.0)", study="p", axes=axes
    )
    for _ in search(stopped, url):
        pass

    with pytest.raises(UsageError, match="6 of its 6 trials were cut short"):
        audited("p", url, shuffles=2)
    for _ in search(
        Settings(task=f"table:{table}", sampler="grid", pruner="none", study="w", axes=axes), url
    ):
        pass
    assert audited("p", url, shuffles=2).curves == audited("w", url, shuffles=2).curves == 6


def test_an_unknown_pruner_is_told_with_the_nearest(table: Path) -> None:
    """Before anything is counted."""
    with pytest.raises(UsageError, match="Did you mean 'median'"):
        audited(f"table:{table}", pruners="medain")


def test_the_command_prints_a_table_and_writes_a_page(table: Path, tmp_path: Path) -> None:
    """One row a pruner, the rise of the rank correlation, and a page without an address to load from."""
    page = tmp_path / "audit.html"
    command = ["audit", f"table:{table}", "--pruners", "median,asha", "--shuffles", "3"]

    plain, found = run(*command, "--html", str(page)), document(*command)

    assert plain.returncode == 0, plain.stderr
    assert plain.stderr == "median  done\nasha  done\n"
    assert [line.split()[0] for line in plain.stdout.splitlines()[2:5]] == ["pruner", "median", "asha"]
    assert "after epoch 3" in plain.stdout
    assert [one["pruner"].partition("(")[0] for one in found["pruners"]] == ["median", "asha"]
    assert len(found["rank_correlation"]) == 12
    assert "<h2>How soon the loss tells the end</h2>" in page.read_text()
    assert 'src="http' not in page.read_text()
