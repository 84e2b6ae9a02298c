"""The page of a study: what is missing is left out, what is text stays text."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import datetime

from epochsearch.analysis.returns import LastShare
from epochsearch.analysis.traces import Step
from epochsearch.core.curve import SealedScore
from epochsearch.core.measure import Measure
from epochsearch.core.trial import Outcome, TrialCurve
from epochsearch.report.landscape import landscape_figure
from epochsearch.report.markup import command
from epochsearch.report.study_answer import answer
from epochsearch.report.study_figures import curves_figure, logarithmic, metrics_figure, progress_figure
from epochsearch.report.study_notes import note_text
from epochsearch.report.study_page import Words, study_html
from epochsearch.store.looks import SeenLook
from tests.unit.report.subjects import curve, found, studied

NO_WORDS = Words([("Loss", "0.1 <b>")], [], None, ["beyond epoch 5"], "", [], [], [("train it", "a && b")])
STUDY = studied(curve(0), curve(1, 20, 0.01, 64), curve(2, 4, 0.1, 64))


def test_every_text_is_escaped_and_every_figure_is_there() -> None:
    """A name with markup in it is shown, not obeyed."""
    page = study_html(STUDY, NO_WORDS)

    assert "0.1 &lt;b&gt;" in page
    assert "a &amp;&amp; b" in page
    assert re.findall(r"data-figure='(\w+)'", page) == ["curves", "metrics", "landscape", "returns"]
    assert "<h2>What mattered</h2>" not in page  # nothing is known of it


def test_a_command_is_not_broken_within_an_option() -> None:
    """On a narrow page `--` would stand at the end of one line and the option's name on the next."""
    shown = command("epochsearch run a<b --epochs 5")

    assert shown == "epochsearch run a&lt;b <span class='option'>--epochs</span> 5"


def test_a_study_without_an_answer_says_so_first() -> None:
    """Failed trials alone make a page."""
    failed = replace(curve(0).trial, outcome=Outcome.FAILED, value=None, reason="no <model>", epochs_done=0)
    bare = replace(
        STUDY,
        trials=(replace(found(curve(0)), curve=TrialCurve(failed, ()), diagnosis=None, returns=None),),
        chosen=None,
    )

    page = study_html(bare, NO_WORDS)

    assert "No answer yet" in page
    assert "no &lt;model&gt;" in page
    assert "data-figure" not in page.split("<script>")[0].replace("data-figure='progress'", "")


def test_looks_at_the_test_part_are_told_with_the_optimism() -> None:
    """The last one, against the validation loss of the same epoch, and how many there were."""
    look = SeenLook(0, 5, datetime(2026, 1, 1), SealedScore(0.72, (("accuracy", 0.9),)))
    seen = replace(STUDY, looks=(look, look))

    said = answer(seen, [], [])

    assert "loss 0.72, accuracy 0.9 (trial 0 after epoch 5); looked at 2 times" in said
    assert "validation loss there 0.52; the test loss is 0.2 above it" in said
    assert "has not been looked at" in answer(STUDY, [], [])


def test_a_test_loss_that_is_lower_is_said_to_be_below() -> None:
    """No negative number stands above anything."""
    look = SeenLook(0, 5, datetime(2026, 1, 1), SealedScore(0.42, ()))

    said = answer(replace(STUDY, looks=(look,)), [], [])

    assert "validation loss there 0.52; the test loss is 0.1 below it" in said


def test_a_choice_by_a_metric_is_held_against_that_metric() -> None:
    """It is what the search made flattering; accuracy after epoch 5 is 1 - 0.5 / 5."""
    spec = replace(STUDY.summary.spec, measure=Measure("accuracy", maximise=True))
    look = SeenLook(0, 5, datetime(2026, 1, 1), SealedScore(0.42, (("accuracy", 0.85),)))

    said = answer(replace(STUDY, summary=replace(STUDY.summary, spec=spec), looks=(look,)), [], [])

    assert "validation accuracy there 0.9; the test accuracy is 0.05 below it" in said


def test_a_look_at_averaged_weights_is_held_against_their_own_validation_loss() -> None:
    """Not against that of the last weights, which nobody scored."""
    one = curve(0)
    averaged = replace(one, reports=tuple(replace(r, average_loss=r.val_loss - 0.02) for r in one.reports))
    asked = studied(averaged)
    spec = replace(asked.summary.spec, measure=Measure(weights="average"))
    look = SeenLook(0, 5, datetime(2026, 1, 1), SealedScore(0.72, ()))

    said = answer(replace(asked, summary=replace(asked.summary, spec=spec), looks=(look,)), [], [])

    assert "validation loss there 0.5; the test loss is 0.22 above it" in said


def test_the_curves_figure_has_the_epoch_and_its_interval() -> None:
    """Two losses, other seeds up to their finite end, the others as one faint trace."""
    assert STUDY.chosen is not None
    drawn = curves_figure(STUDY.chosen, [one.curve for one in STUDY.trials])

    assert [trace.name for trace in drawn.data] == [
        "other trials",
        "other seeds",
        "training loss",
        "validation loss",
    ]
    band, line = drawn.layout.shapes
    assert (band.x0, band.x1, line.x0) == (3.5, 7.5, 5)
    assert drawn.data[1].y[0] is None


def test_shares_have_one_panel_and_every_other_metric_its_own() -> None:
    """Beside a perplexity of hundreds an accuracy is a flat line; the epoch is marked in all of them."""
    one = curve(0)
    measured = [
        replace(r, metrics=(("accuracy", 0.5), ("perplexity", 100.0 / r.epoch), ("f1", 0.4), ("mae", 3.0)))
        for r in one.reports
    ]
    chosen = studied(replace(one, reports=tuple(measured))).chosen
    assert chosen is not None

    drawn = metrics_figure(chosen)
    assert drawn is not None

    panels = {trace.name: trace.yaxis for trace in drawn.data}
    assert panels == {"accuracy": "y", "f1": "y", "perplexity": "y2", "mae": "y3"}
    titles = [drawn.layout[f"yaxis{panel}"].title.text for panel in ("", 2, 3)]
    assert titles == ["validation", "perplexity", "mae"]
    assert [shape.yref for shape in drawn.layout.shapes if shape.type == "line"] == [
        "y domain",
        "y2 domain",
        "y3 domain",
    ]


def test_the_slider_goes_through_every_epoch_and_starts_at_the_chosen_one() -> None:
    """Colours are the logarithms of the losses so far; a trial that had ended is hollow."""
    point = STUDY.chosen.point if STUDY.chosen else None
    drawn = landscape_figure([one.curve for one in STUDY.trials], point, Measure())
    assert drawn is not None

    slider = drawn.layout.sliders[0]
    last = slider.steps[-1].args[0]
    assert (len(slider.steps), slider.active) == (20, 4)
    assert last["marker.symbol"][0] == ["circle-open", "circle", "circle-open"]
    assert abs(last["marker.color"][0][0] - math.log10(2.1 / 12 + 0.1)) < 1e-3
    assert landscape_figure([], None, Measure()) is None


def test_a_metric_is_shown_as_users_know_it() -> None:
    """Better is more, and the colours turn round."""
    measure = Measure("accuracy", maximise=True)
    drawn = landscape_figure([one.curve for one in STUDY.trials], None, measure)
    assert drawn is not None

    axis = drawn.layout.coloraxis
    assert drawn.data[0].marker.color[0] == float(f"{1 - 0.5 / 12:.4g}")
    assert axis.cmin < axis.cmax <= 1
    assert axis.colorscale[-1][1] == "#c14a00"
    assert axis.colorbar.title.text == "validation accuracy"


def test_losses_that_are_close_have_labels_that_differ() -> None:
    """On the bar of colours, with as many digits as that takes."""
    close = [
        TrialCurve(
            one.curve.trial,
            tuple(replace(report, val_loss=1.4 + report.val_loss / 1000) for report in one.curve.reports),
        )
        for one in STUDY.trials
    ]
    drawn = landscape_figure(close, None, Measure())
    assert drawn is not None

    labels = drawn.layout.coloraxis.colorbar.ticktext
    assert len(set(labels)) == len(labels) == 4


def test_logarithmic_axes_have_readable_ticks() -> None:
    """1, 2 and 5 over few decades, powers alone over many."""
    few, many = logarithmic(0.05, 2.0), logarithmic(1e-6, 1.0)

    assert {"0.05", "0.1", "0.2", "0.5", "1", "2"} <= set(few["ticktext"])
    assert "1e-5" in many["ticktext"]
    assert "0.5" not in many["ticktext"]


def test_the_last_of_the_budget_is_shaded() -> None:
    """From nine tenths of the charged epochs on."""
    drawn = progress_figure(
        [Step(10, 0.5), Step(50, 0.1)], 100.0, LastShare("epochs", 0.1, 10.0, 0.1, 0.1), Measure()
    )

    assert (drawn.layout.shapes[0].x0, drawn.layout.shapes[0].x1) == (90, 100)
    assert list(drawn.data[0].y) == [0.5, 0.1, 0.1]


def test_the_note_has_the_answer_the_diagnosis_and_a_command() -> None:
    """Markdown, short."""
    note = note_text(STUDY, "5 epochs\nhow sure is not known")

    assert note.startswith("### epochsearch report on digits")
    assert "5 epochs  \nhow sure" in note
    assert "Diagnosis: " in note
    assert "- go on: `epochsearch run`" in note
