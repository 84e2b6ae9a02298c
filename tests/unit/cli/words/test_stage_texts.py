"""What is said of a study's stages."""

from __future__ import annotations

from dataclasses import replace

from epochsearch.cli.words.stage_texts import stage_facts, stages_document
from epochsearch.core.trial import Cost
from tests.unit.cli.fakes import SPEC, trial
from tests.unit.cli.fakes import STAGED as SAMPLER

SPEC_STAGED = replace(SPEC, sampler=SAMPLER)
TRIALS = [trial(0, 0.5), trial(1, 0.4), trial(2, 0.2), trial(3, 0.3), trial(4, 0.25)]


def test_a_line_says_what_each_stage_was_given_and_found() -> None:
    """At 80 columns; a stage that brought nothing better is named so."""
    ((label, said),) = stage_facts(SPEC_STAGED, TRIALS)

    assert label == "Stages"
    assert said.splitlines() == [
        "explore     2/2    314 rows   10 epochs  0.4000 trial 1",
        "carry       2/2    628 rows   25 epochs  0.2000 trial 2",
        "refine      1/2    all rows   50 epochs  0.2500 trial 4  no better",
        "schedules   0/2    all rows   50 epochs",
    ]
    assert all(len(line) <= 80 - len("Diagnosis") - 2 for line in said.splitlines())


def test_the_document_says_the_same() -> None:
    """For programs: what each stage was given, found and cost."""
    document = stages_document(SPEC_STAGED, TRIALS)["stages"]

    assert [one["stage"] for one in document] == ["explore", "carry", "refine", "schedules"]
    assert document[2]["best"] == {"trial": 4, "value": 0.25}
    assert (document[2]["improved"], document[2]["train_rows"]) == (False, None)
    assert document[1]["epochs_charged"] == 2 * Cost(34).epochs_charged
    assert (document[0]["finished"], document[0]["trials"], document[0]["train_rows"]) == (2, 2, 314)
    assert (document[0]["epochs"], document[0]["epochs_trained"]) == (10, 40)


def test_other_studies_say_nothing_of_stages() -> None:
    """No label, no key."""
    assert stage_facts(SPEC, TRIALS) == []
    assert stages_document(SPEC, TRIALS) == {}
