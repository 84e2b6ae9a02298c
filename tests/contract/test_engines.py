"""Every engine trains the same curves, obeys verdicts, reports failures, and resumes from checkpoints."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from epochsearch.engines.fork_server import warm_up
from epochsearch.engines.inline import InlineEngine
from epochsearch.engines.job import EngineNote, EpochTrained, Job, JobEnded, JobFailed, JobLost
from epochsearch.engines.processes import ProcessEngine
from epochsearch.engines.worker import WorkerSetup
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.loading import load_task
from epochsearch.training.learner import make_learner
from tests.contract.subjects import HERE, identity

TASK = f"{HERE}:Noisy"
FAILING = "tests/contract/failing.py:RaisesInTheThirdEpoch"


def inline(reference: str, folder: Path):
    return InlineEngine(load_task(reference), 1, folder)


def processes(reference: str, folder: Path):
    warm_up()
    return ProcessEngine(WorkerSetup(reference, fingerprint(load_task(reference)), 1, folder), 2)


ENGINES = {"inline": inline, "processes": processes}


@pytest.fixture(params=ENGINES)
def start(request, tmp_path):
    engines = []

    def started(reference: str = TASK):
        engines.append(ENGINES[request.param](reference, tmp_path))
        return engines[-1]

    yield started
    for engine in engines:
        engine.close()


def messages(engine, stop_after: int | None = None, seconds: float = 60):
    """Yield what the engine says until its job ends; give every verdict."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for message in engine.wait(0.1):
            yield message
            if isinstance(message, (JobEnded, JobFailed, JobLost)):
                return
            if isinstance(message, EpochTrained):
                engine.verdict(message.number, message.reports[0].epoch != stop_after)
    pytest.fail("the job did not end")


def curve(epochs: int, learning_rate: float = 0.01):
    task = load_task(TASK)
    learner = make_learner(task, identity(task, learning_rate=learning_rate))
    return [learner.run_epoch() for _ in range(epochs)]


def job(number: int, upto: int, learning_rate: float = 0.01, reference: str = TASK, **more):
    return Job(number, (identity(load_task(reference), learning_rate=learning_rate),), upto, **more)


def epochs_of(said) -> list:
    return [message.reports[0] for message in said if isinstance(message, EpochTrained)]


def same(a, b) -> bool:
    return len(a) == len(b) and all(x.same_values(y) for x, y in zip(a, b, strict=True))


def test_a_job_gives_the_curve_of_its_learner(start):
    """What comes out of an engine is what the bare learner gives, bit for bit."""
    engine = start()
    engine.submit(job(7, 5))

    said = list(messages(engine))

    assert same(epochs_of(said), curve(5))
    assert {message.number for message in said} == {7}


def test_a_verdict_ends_a_job_and_its_checkpoint_resumes_it(start):
    """Stopped after two epochs, a second job goes on from the third."""
    engine = start()
    engine.submit(job(0, 6))
    stopped = list(messages(engine, stop_after=2))
    checkpoints = stopped[-1].checkpoints

    engine.submit(job(1, 6, checkpoints=checkpoints))
    resumed = epochs_of(messages(engine))

    assert [checkpoint.epoch for checkpoint in checkpoints] == [2]
    assert [report.epoch for report in resumed] == [3, 4, 5, 6]
    assert same(epochs_of(stopped) + resumed, curve(6))


def test_a_damaged_checkpoint_costs_epochs_and_no_value(start, tmp_path):
    """If the file is not what was written, training starts over and gives the same curve."""
    engine = start()
    engine.submit(job(0, 2))
    checkpoints = list(messages(engine))[-1].checkpoints
    (tmp_path / checkpoints[0].file).write_bytes(b"damaged")

    engine.submit(job(1, 4, checkpoints=checkpoints))
    again = epochs_of(messages(engine))

    assert same(again, curve(4))


def test_a_task_that_raises_fails_its_job_and_not_the_engine(start):
    """The reason names the exception and its place; the next job runs."""
    engine = start(FAILING)
    engine.submit(job(0, 5, reference=FAILING))
    said = list(messages(engine))

    engine.submit(job(1, 2, reference=FAILING))
    after = list(messages(engine))

    assert isinstance(said[-1], JobFailed)
    assert "ValueError: the third epoch" in said[-1].reason
    assert "failing.py" in said[-1].reason
    assert len(epochs_of(said)) == 2
    assert isinstance(after[-1], JobEnded)


def test_a_task_that_leaves_fails_its_job_and_not_the_process(start):
    """sys.exit in a user's code ends neither the search nor a worker."""
    reference = "tests/contract/failing.py:Leaves"
    engine = start(reference)
    engine.submit(job(0, 3, reference=reference))

    said = list(messages(engine))

    assert isinstance(said[-1], JobFailed)
    assert said[-1].reason.startswith("SystemExit: 3 (failing.py")


def test_a_model_whose_state_cannot_be_kept_is_trained_all_the_same(start):
    """A checkpoint only saves time: without one the job says so and goes on."""
    reference = "tests/contract/failing.py:CannotBeFrozen"
    engine = start(reference)
    engine.submit(job(0, 3, reference=reference))

    said = list(messages(engine))

    assert len(epochs_of(said)) == 3
    assert isinstance(said[-1], JobEnded)
    assert said[-1].checkpoints == ()
    assert any("no checkpoint of CannotBeFrozen" in note.message for note in said if _is_note(note))


def test_a_state_that_cannot_be_put_back_costs_epochs_and_no_value(start):
    """The job begins anew, with a fresh model."""
    reference = "tests/contract/failing.py:CannotBeThawed"
    engine = start(reference)
    engine.submit(job(0, 2, reference=reference))
    first = list(messages(engine))
    engine.submit(job(1, 3, reference=reference, checkpoints=first[-1].checkpoints))

    again = list(messages(engine))

    assert len(first[-1].checkpoints) == 1
    assert same(epochs_of(again)[:2], epochs_of(first))
    assert any("RuntimeError: not today" in note.message for note in again if _is_note(note))


def _is_note(message) -> bool:
    return isinstance(message, EngineNote)


def test_folds_advance_in_lock_step(start):
    """A job of three folds reports all three after each epoch."""
    engine = start()
    task = load_task(TASK)
    engine.submit(Job(0, tuple(identity(task, fold=fold, folds=3) for fold in range(3)), 2))

    said = list(messages(engine))

    shapes = [[report.epoch for report in message.reports] for message in said[:-1]]
    assert shapes == [[1, 1, 1], [2, 2, 2]]
    assert len(said[-1].checkpoints) == 3


def test_two_jobs_run_side_by_side_without_touching_each_other(tmp_path):
    """Two workers, two jobs: both curves are as if trained alone."""
    engine = processes(TASK, tmp_path)
    engine.submit(job(0, 5, 0.01))
    engine.submit(job(1, 5, 0.1))

    said, ended = [], 0
    while ended < 2:
        for message in engine.wait(1.0):
            said.append(message)
            ended += isinstance(message, JobEnded)
            if isinstance(message, EpochTrained):
                engine.verdict(message.number, True)
    engine.close()

    by_trial = {n: epochs_of([m for m in said if m.number == n]) for n in (0, 1)}
    assert same(by_trial[0], curve(5, 0.01))
    assert same(by_trial[1], curve(5, 0.1))


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_dies_is_replaced(tmp_path, death):
    """Its job comes back as lost, with the signal's name, and can be submitted again."""
    engine = processes(TASK, tmp_path)
    engine.submit(job(0, 4))
    while not any(isinstance(message, EpochTrained) for message in engine.wait(1.0)):
        pass
    killed = _workers()
    for worker in killed:
        os.kill(worker.pid, death)
    psutil.wait_procs(killed, timeout=30)  # one that is still dying would be given the job again

    said = []
    while not any(isinstance(message, JobLost) for message in said):
        said += engine.wait(1.0)
    engine.submit(job(0, 4))
    again = epochs_of(messages(engine))
    engine.close()

    assert death.name in next(message.reason for message in said if isinstance(message, JobLost))
    assert same(again, curve(4))


def _workers():
    """Return the worker processes: children of this process's fork server."""
    mine = psutil.Process()
    servers = [child for child in mine.children() if "forkserver" in " ".join(child.cmdline())]
    return [worker for server in servers for worker in server.children()]
