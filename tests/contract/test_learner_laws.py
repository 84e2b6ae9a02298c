"""Laws 1 to 3 (prefix, resume, independence) and the checkpoint's safety, on every learner and technique."""

import io
import multiprocessing
import zipfile

import pytest

from epochsearch.training.learner import make_learner
from tests.contract.subjects import SUBJECTS, subject

EPOCHS = 6


@pytest.fixture(scope="module", params=SUBJECTS)
def name(request) -> str:
    """Each subject in turn: all laws are tested on one before the next."""
    return request.param


@pytest.fixture(scope="module")
def alone(name, table):
    """What a subject gives in one go, trained by itself: the reports, and the last state's arrays."""
    learner = make_learner(*subject(name, table))
    reports = [learner.run_epoch() for _ in range(EPOCHS)]
    return reports, weights(learner.freeze())


def same(a, b) -> bool:
    return len(a) == len(b) and all(x.same_values(y) for x, y in zip(a, b, strict=True))


def test_prefix(name, table, alone):
    """The first three epochs do not depend on how many follow."""
    long, _ = alone
    learner = make_learner(*subject(name, table))

    short = [learner.run_epoch() for _ in range(3)]

    assert [report.epoch for report in long] == list(range(1, EPOCHS + 1))
    assert same(short, long[:3])


def test_a_look_at_the_test_part_changes_nothing(name, table, alone):
    """Law 7: the curve and the state are as if nobody had looked, and a second look sees the same."""
    untouched, state = alone
    learner = make_learner(*subject(name, table))

    looked, scores = [], []
    for _ in range(EPOCHS):
        looked.append(learner.run_epoch())
        scores += [learner.test(), learner.test()]

    assert same(looked, untouched)
    assert weights(learner.freeze()) == state
    assert scores[0::2] == scores[1::2]
    assert all(scores) or name == "table"


def test_resume_in_another_process(name, table, alone):
    """Three epochs, frozen, thawed in a new process, three more: reports and state of six in one go."""
    whole, state = alone
    half = make_learner(*subject(name, table))
    for _ in range(3):
        half.run_epoch()

    reports, final = in_another_process(name, table, half.freeze(), EPOCHS - 3)

    assert same(reports, whole[3:])
    assert weights(final) == state


def test_independence(name, table, alone):
    """A curve is the same when another is trained in the same process, epoch by epoch between its own."""
    undisturbed, _ = alone
    learner = make_learner(*subject(name, table))
    other = make_learner(*subject("batch norm and dropout", table))

    between = []
    for _ in range(EPOCHS):
        other.run_epoch()
        between.append(learner.run_epoch())

    assert same(undisturbed, between)


def test_freezing_changes_nothing(name, table, alone):
    """Freezing after every epoch gives the same curve."""
    untouched, _ = alone
    learner = make_learner(*subject(name, table))

    frozen = []
    for _ in range(EPOCHS):
        frozen.append(learner.run_epoch())
        learner.freeze()

    assert same(untouched, frozen)


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
