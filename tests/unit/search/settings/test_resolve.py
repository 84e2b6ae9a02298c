"""From settings to a spec: defaults, precedence, and what is refused before training."""

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier

import epochsearch
from epochsearch.core.errors import EpochsearchError
from epochsearch.core.settings import Settings
from epochsearch.core.spec import FREEZING, Limits
from epochsearch.search.settings.resolve import resolve_settings
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.registry import ENTRIES


class Small(epochsearch.Task):
    """60 training rows."""

    def data(self):
        return np.random.default_rng(0).normal(size=(86, 3)), np.arange(86) % 2

    def model(self, learning_rate):
        return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=learning_rate)


def resolved(**said):
    return resolve_settings(Settings(device="cpu", **said), Small())


def test_default_batch_sizes_that_do_not_fit_the_data_are_left_out():
    """A newcomer's small data set needs no options."""
    spec = resolved().spec

    assert str(spec.space.batch_size) == "16,32"


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if not entry.origin.data_set])
@pytest.mark.parametrize("folds", [1, 5])
def test_a_built_in_task_can_be_searched_with_nothing_but_its_name(name, folds):
    """Its own ranges fit its rows, split once or into folds."""
    found = resolve_settings(Settings(task=name, device="cpu", folds=folds), load_task(name))

    assert found.spec.task == name


def test_sizes_of_a_task_that_fewer_rows_cannot_fill_are_left_out():
    """Whoever asks for fewer rows need not name the sizes too; where none fits it is said."""
    task = type("Sized", (Small,), {"batch_size": "8,32,100"})()

    few = resolve_settings(Settings(device="cpu", training={"train_rows": 20}), task).spec

    assert str(few.space.batch_size) == "8"
    assert str(resolve_settings(Settings(device="cpu"), task).spec.space.batch_size) == "8,32"
    with pytest.raises(EpochsearchError, match=r"Sized batch_size 8,32,100: .*Give sizes up to 4"):
        resolve_settings(Settings(device="cpu", training={"train_rows": 4}), task)


def test_freezing_under_a_cool_down_is_told_to_search_the_trunk():
    """A wsd curve of the length that was found then begins with what the search has trained."""
    with pytest.raises(EpochsearchError, match=r"--schedule wsd: .*Search its trunk, --schedule constant"):
        resolved(sampler=sorted(FREEZING)[0], schedule="wsd")


def test_asked_batch_sizes_that_do_not_fit_are_refused():
    """What the user asked for is not changed in silence."""
    with pytest.raises(EpochsearchError, match=r"--batch-size 16,64: .*60 rows.*Give sizes up to 60"):
        resolved(axes={"batch_size": "16,64"})


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ({"epochs": "fifty"}, "Small epochs fifty: 'fifty' is not a whole number. Example: 5:50 or"),
        (
            {"learning_rate": None},
            "Small learning_rate None: must be a number, LOW:HIGH, .* Example: 1e-5:1e-1",
        ),
        ({"batch_size": "100"}, "Small batch_size 100: a batch must not be larger than the smallest"),
        ({"hyperparameters": {"width": "8:4"}}, "Small hyperparameters 'width' 8:4: .* Swap them: 4:8"),
        (
            {"optimiser": SGDClassifier},
            'Small optimiser <class .*>: must be text. Example: optimiser = "adam"',
        ),
        ({"schedule": 3}, 'Small schedule 3: must be text. Example: schedule = "constant"'),
        ({"optimiser": "admw"}, "Small optimiser admw: there is no such optimiser. Did you mean 'adamw'"),
        (
            {"training": ["impute"]},
            r"Small training \['impute'\]: must be a mapping .* Example: training = {",
        ),
        ({"training": {"l1": "x"}}, "Small training x: l1 must be a number"),
        ({"standardise": "no"}, "Small standardise 'no': must be True or False"),
        (
            {"model": lambda: None},
            r"Small model\(\): its first argument must be self. Begin it with: def model",
        ),
        ({"hyperparameters": ["width"]}, r"Small hyperparameters \['width'\]: must be a mapping .* Example"),
    ],
)
def test_what_the_task_itself_says_wrong_is_refused_where_it_is_written(attribute, message):
    """In the class: no option was given."""
    task = type("Small", (Small,), attribute)()

    with pytest.raises(EpochsearchError, match=f"^{message}"):
        resolve_settings(Settings(device="cpu"), task)


def test_a_grid_without_a_limit_visits_every_cell():
    """Other samplers end after a hundred trials."""
    assert resolved(sampler="grid").limits == Limits()
    assert resolved(sampler="random").limits == Limits(trials=100)
    assert resolved(sampler="random", epoch_budget=50).limits == Limits(epochs=50)


def test_every_option_of_sampler_and_pruner_is_filled_in():
    """What is stored says all that was in force; pruners follow from the space's epochs."""
    spec = resolved(pruner="hyperband", axes={"epochs": "3:81"}).spec

    assert spec.sampler.values["multivariate"] is True
    assert spec.pruner.values == {
        "min_resource": 3,
        "max_resource": 81,
        "reduction_factor": 3,
        "bootstrap_count": 0,
    }


def test_the_threshold_pruner_takes_the_loss_of_a_constant_prediction():
    """Two equal classes: ln 2."""
    upper = resolved(pruner="threshold").spec.pruner.values["upper"]

    assert upper == pytest.approx(np.log(2), abs=1e-3)


def test_the_same_spec_has_the_same_name_and_another_one_another():
    """So the same command goes on with its study."""
    first, again, other = resolved(), resolved(trials=500), resolved(seed=1)

    assert first.study == again.study
    assert first.study != other.study


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"sampler": "tpee"}, r"--sampler tpee: there is no such sampler\. Did you mean 'tpe'\?"),
        ({"pruner": "medain"}, r"Did you mean 'median'\?"),
        ({"pruner": "median(n_warmup=3)"}, r"median has no such option\. Did you mean 'n_warmup_steps'\?"),
        ({"objective": "last"}, r"--objective last: must be final or best"),
        ({"workers": "two"}, r"--workers two: must be auto or a whole number"),
        ({"workers": "100000"}, r"--workers 100000: more than 16 a core"),
        ({"trials": 0}, r"--trials 0: must be at least 1"),
        ({"device": "gpu"}, r"--device gpu"),
    ],
)
def test_a_wrong_setting_is_told_in_its_place(said, message):
    """Where, what was given, the rule, what to do."""
    with pytest.raises(EpochsearchError, match=message):
        resolve_settings(Settings(**({"device": "cpu"} | said)), Small())


class Series(Small):
    """The same rows in the order of time."""

    split_by = "time"


def test_a_batch_must_fit_the_smallest_fold():
    """The first of three folds in the order of time is trained on 19 rows: as many as validate it."""
    of_time = Settings(device="cpu", folds=3)

    assert str(resolve_settings(of_time, Series()).spec.space.batch_size) == "16"
    with pytest.raises(EpochsearchError, match=r"--batch-size 32: .*smallest training part \(19 rows\)"):
        resolve_settings(Settings(device="cpu", folds=3, axes={"batch_size": "32"}), Series())


def test_what_is_optimised_is_part_of_the_spec():
    """A metric with its direction; a bound of chance is known of the loss alone."""
    spec = resolved(optimise="f1").spec

    assert (spec.measure.name, spec.measure.maximise, spec.metrics) == ("f1", True, ("accuracy", "f1"))
    assert resolved(pruner="threshold").spec.pruner.values["upper"] > 0
    with pytest.raises(EpochsearchError, match="no chance loss to take as a bound; give one"):
        resolved(pruner="threshold", optimise="f1")


def test_tpe_read_off_leaves_the_number_of_epochs_alone():
    """It is the largest one, and the lowest loss along the curve is the objective."""
    spec = resolved(sampler="tpe-read-off").spec

    assert spec.space.min_epochs == spec.space.max_epochs
    assert spec.objective == "best"


@pytest.mark.parametrize("sampler", sorted(FREEZING))
def test_what_freezes_reads_each_trial_at_its_best_epoch(sampler):
    """And says so, unless it is asked for something else."""
    assert resolved(sampler=sampler).spec.objective == "best"
