"""Which newsgroup a text was posted to: 20 topics, some of them near to each other.

18,846 texts of 20 groups without headers, quotations and signatures (K. Lang, "NewsWeeder", ICML 1995; no
licence stated); words hashed into 16,382 buckets, the first 256 of a text, padded. The test part is the
published one: the 7,532 texts that were posted last. Where data may come from: `datasets.places`.
"""

from __future__ import annotations

from typing import Any

from epochsearch.tasks.base import Task
from epochsearch.tasks.datasets.news import body, read_news
from epochsearch.tasks.datasets.places import files_of
from epochsearch.tasks.words import hashed, vocabulary

NAME = "20newsgroups"
LENGTH, BUCKETS = 256, 16_384
ROWS, TEST_ROWS = 18_846, 7_532
VALIDATION = 0.15  # of the rows before the test part


class Newsgroups(Task):
    """18,846 rows of 256 hashed words, 20 classes; a bag of embeddings. Lang 1995."""

    name = NAME
    epochs = "5:50"
    learning_rate = "1e-4:1e-1"
    standardise = False
    split_by = "published"
    split = (
        (1 - VALIDATION) * (1 - TEST_ROWS / ROWS),
        VALIDATION * (1 - TEST_ROWS / ROWS),
        TEST_ROWS / ROWS,
    )

    def data(self) -> Any:
        """Return tokens (18846, 256) and the names of the groups (18846,)."""
        posts = read_news(files_of(NAME))
        return hashed([body(post.text) for post in posts], LENGTH, BUCKETS), [post.group for post in posts]

    def vocabulary(self) -> Any:
        """Return how the body of a post becomes tokens."""
        return vocabulary(LENGTH, BUCKETS)

    def model(self, dropout: float = 0.3) -> Any:
        """Return the mean of embeddings of 64 numbers and a linear layer."""
        from epochsearch.tasks.networks.text import BagClassifier

        return BagClassifier(BUCKETS, width=64, classes=20, dropout=dropout)
