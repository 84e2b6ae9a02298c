"""What the fork server imports once, so that a worker is there in milliseconds: torch and the learners."""

import os
import sys

import sklearn.datasets
import sklearn.model_selection
import sklearn.preprocessing  # noqa: F401
import torch  # noqa: F401

import epochsearch.engines.worker
import epochsearch.training.torch_learner  # noqa: F401

if "-P" not in sys.orig_argv:  # then it was set for the start of this process alone: fork_server.py
    os.environ.pop("PYTHONSAFEPATH", None)
