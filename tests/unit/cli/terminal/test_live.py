"""The live view fits its terminal, and plain lines say the same elsewhere."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rich.live import Live

from epochsearch.cli.terminal.live import LiveView, PlainLines, frame
from epochsearch.cli.terminal.progress import Progress
from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost, Outcome
from epochsearch.search.running.events import EpochDone, Event, Notice, TrialEnded, TrialStarted
from tests.unit.cli.fakes import STAGED, freezing_events, point, report, search_events, started, trial


def drawn(events: list[Event], width: int = 80, height: int = 24, now: float = 5.0, **how: bool) -> list[str]:
    progress = Progress()
    for event in events:
        progress.add(event, 0.0)
    console = Console(record=True, width=width, height=height, file=io.StringIO(), highlight=False)
    console.print(frame(progress, now, width, height, **how))
    return [line.rstrip() for line in console.export_text().splitlines()]


def under_way(trials: int = 2, epochs: int = 12) -> list[Event]:
    events: list[Event] = [started(Limits(trials=50))]
    for number in range(trials):
        events.append(TrialStarted(number, point()))
        events += [EpochDone(number, report(epoch), True) for epoch in range(1, epochs + 1)]
    return events


def test_a_running_trial_shows_its_point_its_epoch_its_loss_and_its_curve() -> None:
    """One line of the view holds all of it."""
    lines = drawn(under_way(trials=1))

    assert lines[2].split() == ["0", "1.2e-3", "64", "12/34", "0.5632", "█▇▇▆▅▅▄▃▃▂▂▁"]


def test_the_view_says_best_counts_epochs_and_time() -> None:
    """All that one asks of a search under way."""
    ended = TrialEnded(trial(0), Cost(34, 20), True)

    lines = drawn([*under_way(trials=1), ended])

    assert lines == [
        "digits-tpe-0  digits  tpe + median  2 workers",
        "   best  0.0831  trial 0: 34 epochs, learning rate 1.2e-3, batch size 64",
        " trials  1 of 50: 1 completed",
        " epochs  34 charged, 20 trained",
        "   time  0:05, about 4:05 left",
    ]


def test_no_line_is_wider_or_lower_than_the_terminal_at_any_moment() -> None:
    """Every frame of a search fits 80 columns and 24 lines, and leaves the last line free."""
    events = list(search_events(trials=40, side_by_side=40))

    for end in range(1, len(events), 97):
        lines = drawn(events[:end])

        assert max(map(len, lines)) <= 80
        assert len(lines) <= 23


@pytest.mark.parametrize("height", [2, 6, 10, 24])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_small_terminal_cuts_the_view_and_never_wraps_it(width: int, height: int) -> None:
    """What does not fit is left out."""
    lines = drawn(under_way(trials=30, epochs=34), width=width, height=height)

    assert len(lines) <= max(1, height - 1)
    assert max(map(len, lines)) <= width


def test_trials_that_do_not_fit_are_counted() -> None:
    """One sees that there are more."""
    lines = drawn(under_way(trials=30), height=12)

    assert any(line.strip() == "and 26 more" for line in lines)


def test_frozen_curves_stand_below_those_that_are_trained() -> None:
    """The best first, each with its epochs, its best loss and how often it was thawed."""
    *events, _ = freezing_events(trials=4, rounds=2)

    lines = drawn(events)

    assert lines[0] == "digits-tpe-0  digits  freeze-thaw  1 worker"
    assert lines[2].split()[:5] == ["2", "1e-3", "64", "4/4", "0.7500"]
    assert lines[2].endswith("  thawed 1x")
    assert lines[3] == " frozen  all; thawed 3 times"
    assert [line.split()[:1] + line.split()[3:5] + line.split()[6:] for line in lines[4:7]] == [
        ["0", "4/50", "0.2500", "thawed", "1x"],
        ["1", "4/50", "0.5000", "thawed", "1x"],
        ["3", "2/50", "2.0000"],
    ]
    assert lines[8].split() == ["trials", "3:", "3", "frozen"]


@pytest.mark.parametrize("height", [2, 6, 8, 9, 10, 12, 24])
@pytest.mark.parametrize("width", [20, 80])
def test_a_view_of_frozen_curves_never_outgrows_its_terminal(width: int, height: int) -> None:
    """At any moment of a search with far more curves than lines; best, counts and time stay in sight."""
    events = list(freezing_events(trials=40, rounds=4))

    for end in range(1, len(events), 31):
        lines = drawn(events[:end], width=width, height=height)

        assert len(lines) <= max(1, height - 1)
        assert max(map(len, lines)) <= width
        assert height < 9 or lines[-1].startswith("   time")


def test_a_terminal_without_unicode_gets_ascii() -> None:
    """Nothing in the view needs more."""
    lines = drawn(under_way(trials=30), width=60, unicode=False)

    assert all(line.isascii() for line in lines)


def test_the_view_says_that_the_search_is_ending() -> None:
    """After the first Ctrl-C one knows that it was heard."""
    assert "Ctrl-C once more" in drawn(under_way(), stopping=True)[-1]


def test_the_view_is_redrawn_at_most_eight_times_a_second() -> None:
    """However fast the events come: 1,000 events in one second draw nine frames and no more."""
    screen = io.StringIO()
    ticks = iter(range(1_000_000))
    console = Console(file=screen, force_terminal=True, width=80, height=24)

    with Live(console=console, auto_refresh=False) as live:
        view = LiveView(live, unicode=True, clock=lambda: next(ticks) / 1000)
        for event in [*under_way(trials=1, epochs=1), *[EpochDone(0, report(2), True)] * 996]:
            view.see(event)

    assert screen.getvalue().count("digits-tpe-0") <= 9 + 1  # the last one is drawn again when the view ends


def test_off_a_terminal_a_finished_trial_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Point, outcome, loss and cost, on standard error."""
    lines = PlainLines()

    lines.see(TrialEnded(trial(12), Cost(), False))

    line = "trial 12  completed  epochs 34  lr 1.2e-3  batch 64  loss 0.0831  (trained 20 of 34)\n"
    assert capsys.readouterr() == ("", line)


def test_a_pruned_trial_shows_its_last_loss(capsys: pytest.CaptureFixture[str]) -> None:
    """It has no value, but one sees why it was stopped."""
    lines = PlainLines()

    for event in (started(), TrialStarted(0, point()), EpochDone(0, report(1, 0.75), True)):
        lines.see(event)
    lines.see(TrialEnded(trial(0, None, Outcome.PRUNED, 1), Cost(), False))

    assert "pruned  epochs 1 of 34  lr 1.2e-3  batch 64  loss 0.7500" in capsys.readouterr().err


def test_a_notice_is_said_once_as_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, like all that is not the result."""
    PlainLines().see(Notice("a worker died"))

    assert capsys.readouterr() == ("", "note: a worker died\n")


def test_off_a_terminal_each_freezing_and_each_thawing_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """How far the trial got, and how far it goes on."""
    lines = PlainLines()

    for event in freezing_events(trials=2, rounds=2):
        lines.see(event)

    said = capsys.readouterr().err.splitlines()
    assert [line.split("  ")[:3] for line in said] == [
        ["trial 0", "frozen", "epochs 2 of 34"],
        ["trial 1", "frozen", "epochs 2 of 34"],
        ["trial 0", "thawed", "epochs 2 to 4"],
        ["trial 0", "frozen", "epochs 4 of 34"],
    ]
    assert said[2] == "trial 0  thawed  epochs 2 to 4  lr 0.1  batch 64"


def test_a_staged_search_shows_its_stage() -> None:
    """As a line above the best."""
    begun = started()
    staged = replace(begun, spec=replace(begun.spec, sampler=STAGED))

    lines = drawn([staged, TrialStarted(2, point())])

    assert "  stage  2 of 4, carry: 2 trials on 628 rows, up to 25 epochs" in lines


def test_elsewhere_a_stage_is_a_line_before_its_first_trial(capfd: pytest.CaptureFixture[str]) -> None:
    """It is said once, when the first of its epochs is heard of."""
    begun, plain = started(), PlainLines()
    staged = replace(begun, spec=replace(begun.spec, sampler=STAGED))

    plain.see(staged)
    for number in (0, 1, 2):
        plain.see(TrialStarted(number, point()))
        plain.see(EpochDone(number, report(1), True))

    assert capfd.readouterr().err.splitlines() == [
        "stage 1 of 4, explore: 2 trials on 314 rows, up to 10 epochs",
        "stage 2 of 4, carry: 2 trials on 628 rows, up to 25 epochs",
    ]
