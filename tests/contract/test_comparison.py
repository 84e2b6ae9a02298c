"""A comparison on a recorded table: its numbers are those of independent searches, killed or not."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest

from epochsearch.analysis.results import EntryEvidence, Evidence
from epochsearch.core.errors import SearchFailedError, UsageError
from epochsearch.core.point import Configuration
from epochsearch.core.settings import Settings
from epochsearch.search.comparing.comparison import ComparisonRequest, ComparisonStarted, compare
from epochsearch.search.comparing.evidence import gather, gather_studies
from epochsearch.search.running.events import Tick
from epochsearch.search.running.service import search
from epochsearch.tasks.table import TableTask
from tests.command import REPOSITORY
from tests.contract.subjects import write_table

TABLES = sorted((REPOSITORY.parent / "shared" / "bench").glob("*.csv.xz"))


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'studies.db'}"


def request_on(
    *tables: Path, entries: str = "grid,random,tpe", seeds: int = 4, budget: int = 60
) -> ComparisonRequest:
    tasks = tuple(f"table:{table}" for table in tables)
    return ComparisonRequest(tasks, entries, seeds, settings=Settings(epoch_budget=budget))


def evidence_of(request: ComparisonRequest, storage: str) -> Evidence:
    started = next(event for event in [*compare(request, storage)] if isinstance(event, ComparisonStarted))
    return gather(started.searches, started.limits, storage)


def simulated(task: TableTask, seed: int, budget: int) -> float:
    """The lowest final loss that random search completes within the budget."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    low, high = (int(end) for end in task.epochs.split(":"))
    rates, best, left, number = task.learning_rates, math.nan, budget, 0
    axes = {
        "epochs": optuna.distributions.IntDistribution(low, high),
        "learning_rate": optuna.distributions.FloatDistribution(rates[0], rates[-1], log=True),
        "batch_size": optuna.distributions.CategoricalDistribution(task.batch_sizes),
    }
    study = optuna.create_study()
    while left > 0:
        study.sampler = optuna.samplers.RandomSampler(
            int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
        )
        point = study.ask(axes).params
        rate = min(rates, key=lambda known: abs(math.log(known) - math.log(point["learning_rate"])))
        losses = [report.val_loss for report in task.reports(Configuration(rate, point["batch_size"]), 0)]
        losses = losses[: point["epochs"]]
        diverged = next((i + 1 for i, loss in enumerate(losses) if not math.isfinite(loss)), None)
        left -= diverged or len(losses)
        if diverged is None and left >= 0:
            best = losses[-1] if math.isnan(best) else min(best, losses[-1])
        number += 1
    return best


def test_random_search_equals_an_independent_simulation(storage: str, tmp_path: Path) -> None:
    """A few lines that know nothing of ledgers, lattices or lanes come to the same losses."""
    table = write_table(tmp_path / "recorded.csv")

    found = evidence_of(request_on(table, entries="random+none", seeds=6), storage)

    expected = [simulated(TableTask(table), seed, 60) for seed in range(6)]
    assert found.tasks[0].entries[0].final == pytest.approx(expected, rel=0, abs=0, nan_ok=True)


@pytest.mark.slow
@pytest.mark.skipif(not TABLES, reason="the recorded tables of ../shared/bench are not here")
@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.name.partition(".")[0])
def test_random_search_equals_the_simulation_on_real_curves(table: Path, storage: str) -> None:
    """The same on every recorded table there is."""
    found = evidence_of(request_on(table, entries="random+none", seeds=3, budget=700), storage)

    expected = [simulated(TableTask(table), seed, 700) for seed in range(3)]
    assert found.tasks[0].entries[0].final == pytest.approx(expected, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize("cut", [3, 40, 150])
def test_a_comparison_cut_off_and_continued_gives_the_same_verdict(
    cut: int, storage: str, tmp_path: Path
) -> None:
    """Every number of it, down to the anytime steps; only seconds may differ, and a table has none."""
    request = request_on(write_table(tmp_path / "recorded.csv"))
    whole = evidence_of(request, f"sqlite:///{tmp_path / 'whole.db'}")

    events = compare(request, storage)
    for _ in range(cut):
        next(event for event in events if not isinstance(event, Tick))
    events.close()  # type: ignore[attr-defined]
    continued = evidence_of(request, storage)

    assert continued.verdicts == whole.verdicts
    assert continued.notes == whole.notes
    for entry, same in zip(continued.tasks[0].entries, whole.tasks[0].entries, strict=True):
        assert entry.final == same.final
        assert entry.traces == same.traces


@pytest.mark.parametrize("limit", [{"epoch_budget": 60}, {"trials": 5}])
def test_a_smaller_comparison_after_a_larger_one_is_what_it_is_alone(
    limit: dict[str, int], storage: str, tmp_path: Path
) -> None:
    """Searches that went on under a larger budget are read up to the smaller one, and no further."""
    entries = "random,tpe(n_startup_trials=2)+median"
    small = replace(request_on(write_table(tmp_path / "recorded.csv"), entries=entries))
    small = replace(small, settings=Settings(**limit))  # type: ignore[arg-type]
    alone = evidence_of(small, f"sqlite:///{tmp_path / 'alone.db'}")

    [*compare(replace(small, settings=Settings(epoch_budget=150)), storage)]
    after = evidence_of(small, storage)

    assert after.verdicts == alone.verdicts
    assert after.notes == alone.notes
    for entry, same in zip(after.tasks[0].entries, alone.tasks[0].entries, strict=True):
        assert entry.final == same.final
        assert _steps(entry) == _steps(same)
        assert entry.cost.epochs_charged == same.cost.epochs_charged


def _steps(entry: EntryEvidence) -> list[list[tuple[float | None, int]]]:
    """All but the seconds: those of a trial that is cut are taken to be even."""
    return [[(trial.value, trial.epochs) for trial in trace.trials] for trace in entry.traces]


def test_a_search_that_freezes_is_not_read_midway(storage: str, tmp_path: Path) -> None:
    """What its trials were worth then is not told by what they came to."""
    small = request_on(write_table(tmp_path / "recorded.csv"), entries="freeze-thaw", seeds=1, budget=40)
    [*compare(replace(small, settings=Settings(epoch_budget=90)), storage)]

    with pytest.raises(UsageError, match="--epoch-budget 90, or"):
        evidence_of(small, storage)


def test_the_optimum_of_a_table_is_known(storage: str, tmp_path: Path) -> None:
    """The lowest loss of write_table: learning rate 4 of 7, batch size 16, after all 12 epochs."""
    found = evidence_of(request_on(write_table(tmp_path / "recorded.csv")), storage)

    scale = found.tasks[0].scale
    assert scale is not None
    assert scale.optimum == pytest.approx(0.2 + 16 / 2000 + 2 / 12, abs=1e-6)


@pytest.mark.parametrize(("entries", "optimum"), [("freeze-thaw,one-epoch", 1.0), ("random,tpe", 1.2)])
def test_the_optimum_is_of_the_epochs_that_are_read(
    entries: str, optimum: float, storage: str, tmp_path: Path
) -> None:
    """Where curves turn, those that are read off have it on their way, the others at their end."""
    rows = [
        f"{rate},32,0,{epoch},{1 + i / 10 + abs(epoch - 2) / 20}"
        for i, rate in enumerate((1e-3, 3e-3, 1e-2, 3e-2))
        for epoch in range(1, 7)
    ]
    table = tmp_path / "turning.csv"
    table.write_text("\n".join(["learning_rate,batch_size,seed,epoch,val_loss", *rows]))
    request = request_on(table, entries=entries, budget=24)

    found = evidence_of(replace(request, settings=replace(request.settings, axes={"epochs": "6"})), storage)

    assert found.tasks[0].scale is not None
    assert found.tasks[0].scale.optimum == pytest.approx(optimum)


def test_every_search_is_charged_its_whole_budget_or_its_grid_is_done(storage: str, tmp_path: Path) -> None:
    """Equal budgets: what a limit cut off is charged too."""
    found = evidence_of(request_on(write_table(tmp_path / "recorded.csv")), storage)

    charged = {e.name: {t.charged() for t in e.traces} for e in found.tasks[0].entries}
    assert charged["random"] == charged["tpe"] == {60}
    assert all(epochs <= 60 for epochs in charged["grid"])


def test_a_grid_that_pruning_left_budget_spends_it_on_finer_grids(storage: str) -> None:
    """Equal budgets, on real training: one sized for no pruning would end early."""
    settings = Settings(axes={"epochs": "1:6", "batch_size": "128,256"}, epoch_budget=60, workers="0")
    settings = replace(settings, pruner="median(n_startup_trials=2,n_min_trials=2,n_warmup_steps=1)")
    request = ComparisonRequest(("digits-linear",), "grid,random", 3, settings=settings)

    found = evidence_of(request, storage)

    charged = {e.name: [t.charged() for t in e.traces] for e in found.tasks[0].entries}
    assert charged["grid"] == charged["random"] == [60, 60, 60]


def test_stored_studies_are_compared_as_the_comparison_did(storage: str, tmp_path: Path) -> None:
    """`--studies` with the names of a comparison's own searches: the same pairs."""
    whole = evidence_of(request_on(write_table(tmp_path / "recorded.csv")), storage)
    studies = [search.study for entry in whole.tasks[0].entries for search in entry.searches]

    again = gather_studies(studies, storage)

    assert again.entries == whole.entries
    assert again.tasks[0].pairs == whole.tasks[0].pairs


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"axes": {"epochs": "1:6"}}, "they are not comparable: epochs is 1:12 and 1:6"),
        ({"objective": "best"}, "they are not comparable: objective is final and best"),
        ({"trials": 9}, "unequal budgets: "),
        ({"seed": 5}, "every entry needs the same seeds: random has seed 0, tpe has seed 5"),
        ({"task": "table:other.csv"}, "they are not comparable: "),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_searches_that_are_not_comparable_are_refused_with_the_reason(
    changed: dict[str, object], said: str, storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the two studies and what differs."""
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path / "recorded.csv")
    write_table(tmp_path / "other.csv", epochs=12)
    plain = Settings(task="table:recorded.csv", sampler="random", pruner="none", trials=4, seed=0, study="a")
    other = replace(plain, **({"sampler": "tpe", "study": "b"} | changed))  # type: ignore[arg-type]
    for settings in (plain, other):
        for _ in search(settings, storage):
            pass

    with pytest.raises(UsageError) as refused:
        gather_studies(["a", "b"], storage)

    assert said in refused.value.message


def test_one_study_is_no_comparison(storage: str, tmp_path: Path) -> None:
    """And the message says what to type to see what there is."""
    table = write_table(tmp_path / "recorded.csv")
    for _ in search(Settings(task=f"table:{table}", trials=1, study="a"), storage):
        pass

    with pytest.raises(UsageError, match="needs at least two studies"):
        gather_studies(["a"], storage)


def test_an_entry_whose_trials_all_diverged_is_told_with_the_reason(storage: str, tmp_path: Path) -> None:
    """Nothing can be said about it, and the message says of which trials."""
    table = write_table(tmp_path / "recorded.csv")
    asked = replace(
        request_on(table, seeds=2),
        settings=Settings(epoch_budget=30, axes={"learning_rate": "0.1", "epochs": "8:12"}),
    )

    with pytest.raises(SearchFailedError, match=r"no trial of its 2 searches was completed .*diverged"):
        evidence_of(asked, storage)
