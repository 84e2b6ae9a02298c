"""Options that `run` and `compare` share: what is searched over, how it is trained, and where."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def option(name: str, metavar: str, said: str, *more: str) -> Any:
    """Return an option whose help says its default itself."""
    return typer.Option(name, *more, metavar=metavar, help=said, show_default=False)


StrategyOption = Annotated[
    str | None,
    option(
        "--strategy",
        "NAME",
        "staged: explore on few rows, carry on the best, refine, try schedules; or staged(explore=40).",
    ),
]
ObjectiveOption = Annotated[
    str | None,
    option(
        "--objective", "final|best", "Loss after the last epoch, or the lowest up to it. [default: final]"
    ),
]
OptimiseOption = Annotated[
    str | None,
    option(
        "--optimise",
        "METRIC",
        "What the objective reads: loss, or a metric as accuracy or f1_macro. [default: loss]",
    ),
]
MetricsOption = Annotated[
    str | None,
    option(
        "--metrics",
        "A,B",
        "Metrics of each epoch, as accuracy,roc_auc. [default: the task's; accuracy, or mae of numbers]",
    ),
]
EpochsOption = Annotated[
    str | None,
    option("--epochs", "RANGE", "LOW:HIGH, LOW:HIGH:STEPS or A,B,C. [default: the task's, as 5:50]"),
]
LearningRateOption = Annotated[
    str | None,
    option("--learning-rate", "RANGE", "The same; log-spaced. [default: the task's, as 1e-5:1e-1]", "--lr"),
]
BatchSizeOption = Annotated[
    str | None, option("--batch-size", "RANGE", "The same. [default: the task's, as 16,32,64,128,256]")
]
ParamOption = Annotated[
    list[str] | None,
    option("--param", "NAME=RANGE", "A further hyperparameter, as dropout=0.0:0.5; may be repeated."),
]
ResolutionOption = Annotated[
    str | None,
    option(
        "--resolution",
        "N",
        "Learning rates a decade that proposals are moved to, so that searches share curves; 0: none. "
        "[default: 0; of compare: 10]",
    ),
]
OptimiserOption = Annotated[
    str | None,
    option(
        "--optimiser",
        "NAME",
        "adam, adamw, sgd, momentum, nesterov or rmsprop, or NAME(option=value). [default: adam]",
    ),
]
ScheduleOption = Annotated[
    str | None,
    option(
        "--schedule",
        "NAME",
        "constant, warmup, step, exponential, plateau, cosine or wsd. [default: constant]",
    ),
]
TrainingOption = Annotated[
    list[str] | None,
    option("--training", "NAME=VALUE", "A technique of training, as clip_norm=1.0; may be repeated."),
]
AccumulateOption = Annotated[
    str | None,
    option("--accumulate", "N", "Take each batch in N parts: the same step, less memory. [default: 1]"),
]
WeightsOption = Annotated[
    str | None,
    option(
        "--weights",
        "raw|average|better",
        "Whose result counts: the last weights', their running average's, or the better one. [default: raw]",
    ),
]
PatienceOption = Annotated[
    str | None,
    option("--patience", "N", "End a trial, at its best epoch, after N epochs that brought nothing."),
]
MinDeltaOption = Annotated[
    str | None,
    option("--min-delta", "X", "For --patience: progress of no more than X is none. [default: 0]"),
]
WorkersOption = Annotated[
    str | None,
    option("--workers", "N|auto", "Worker processes; 0: train in this one. [default: auto, one per core]"),
]
DeviceOption = Annotated[str | None, option("--device", "NAME", "auto, cpu, cuda or mps. [default: auto]")]
ThreadsOption = Annotated[str | None, option("--threads", "N", "Threads per worker. [default: 1]")]
FoldsOption = Annotated[str | None, option("--folds", "N", "Cross-validate over N folds. [default: 1, none]")]
