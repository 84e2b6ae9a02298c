"""Laws 1 to 3 (prefix, resume, independence) and the checkpoint's safety, on every learner and technique."""

import io
import multiprocessing
import zipfile
from pathlib import Path

import pytest

from epochsearch.training.learner import make_learner
from tests.contract.subjects import SUBJECTS, subject

EPOCHS = 6
every_subject = pytest.mark.parametrize("name", SUBJECTS)


def curve(name: str, table: Path, epochs: int = EPOCHS):
    learner = make_learner(*subject(name, table))
    return [learner.run_epoch() for _ in range(epochs)], learner


def same(a, b) -> bool:
    return len(a) == len(b) and all(x.same_values(y) for x, y in zip(a, b, strict=True))


@every_subject
def test_prefix(name, table):
    """The first three epochs do not depend on how many follow."""
    short, _ = curve(name, table, 3)

    long, _ = curve(name, table, EPOCHS)

    assert [report.epoch for report in long] == list(range(1, EPOCHS + 1))
    assert same(short, long[:3])


@every_subject
def test_a_look_at_the_test_part_changes_nothing(name, table):
    """Law 7: the curve and the state are as if nobody had looked, and a second look sees the same."""
    untouched, other = curve(name, table)
    learner = make_learner(*subject(name, table))

    looked, scores = [], []
    for _ in range(EPOCHS):
        looked.append(learner.run_epoch())
        scores += [learner.test(), learner.test()]

    assert same(looked, untouched)
    assert weights(learner.freeze()) == weights(other.freeze())
    assert scores[0::2] == scores[1::2]
    assert all(scores) or name == "table"


@every_subject
def test_resume_in_another_process(name, table):
    """Three epochs, frozen, thawed in a new process, four more: reports and state of seven in one go."""
    whole, learner = curve(name, table, EPOCHS + 1)
    _, half = curve(name, table, 3)
    state = half.freeze()

    reports, final = in_another_process(name, table, state, EPOCHS + 1 - 3)

    assert same(reports, whole[3:])
    assert weights(final) == weights(learner.freeze())


@every_subject
def test_independence(name, table):
    """A curve is the same when another is trained in the same process, epoch by epoch between its own."""
    alone, _ = curve(name, table)
    learner = make_learner(*subject(name, table))
    other = make_learner(*subject("batch norm and dropout", table))

    between = []
    for _ in range(EPOCHS):
        other.run_epoch()
        between.append(learner.run_epoch())

    assert same(alone, between)


@every_subject
def test_freezing_changes_nothing(name, table):
    """Freezing after every epoch gives the same curve."""
    alone, _ = curve(name, table)
    learner = make_learner(*subject(name, table))

    frozen = []
    for _ in range(EPOCHS):
        frozen.append(learner.run_epoch())
        learner.freeze()

    assert same(alone, frozen)


def weights(state: bytes) -> list[bytes]:
    """Return what a frozen learner holds; of scikit-learn's files, which carry the time, only the arrays."""
    if not zipfile.is_zipfile(io.BytesIO(state)):
        return [state]
    with zipfile.ZipFile(io.BytesIO(state)) as archive:
        arrays = [name for name in archive.namelist() if name != "schema.json"]
        return sorted(archive.read(name) for name in arrays)


def in_another_process(name, table, state, epochs):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["epochsearch.engines.preload"])
    ours, theirs = context.Pipe()
    process = context.Process(target=_thaw_and_go_on, args=(theirs, name, table, state, epochs))
    process.start()
    theirs.close()
    result = ours.recv()
    process.join()
    return result


def _thaw_and_go_on(pipe, name, table, state, epochs):
    learner = make_learner(*subject(name, table))
    learner.thaw(state)
    reports = [learner.run_epoch() for _ in range(epochs)]
    pipe.send((reports, learner.freeze()))
