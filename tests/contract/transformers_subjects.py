"""Models of Hugging Face's kind, tiny and freshly initialised: nothing is downloaded."""

from __future__ import annotations

import numpy as np

import epochsearch

ROWS, LONGEST, WORDS = 97, 8, 20
END = WORDS


def sentences() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.integers(1, WORDS, size=length) for length in random.integers(3, LONGEST + 1, size=ROWS)]


class Sentences:
    """A Dataset as a tokeniser leaves it: items of different lengths, with text that no model reads."""

    def __init__(self, label):
        self.label, self.rows = label, sentences()

    def __len__(self):
        return ROWS

    def __getitem__(self, index):
        tokens = self.rows[index].tolist()
        return {
            "text": "as it was",
            "input_ids": tokens,
            "token_type_ids": [0] * len(tokens),
            "labels": self.label(tokens, index),
        }


class Classifier(epochsearch.Task):
    """A class for each sentence."""

    optimiser = "adamw"

    def data(self):
        return Sentences(lambda tokens, index: int(tokens[0] > 6) + int(tokens[0] > 13))

    def model(self, outputs):
        from transformers import BertConfig, BertForSequenceClassification

        return BertForSequenceClassification(BertConfig(num_labels=outputs, **SMALL))


class Regressor(Classifier):
    """A number for each sentence."""

    def data(self):
        return Sentences(lambda tokens, index: float(sum(tokens)) / 50)


class Tagger(Classifier):
    """A class for each token."""

    def data(self):
        return Sentences(lambda tokens, index: [int(token > 10) if token % 5 else -100 for token in tokens])

    def model(self, outputs):
        from transformers import BertConfig, BertForTokenClassification

        return BertForTokenClassification(BertConfig(num_labels=outputs, **SMALL))


class NextToken(Classifier):
    """The token after each."""

    def data(self):
        return Sentences(lambda tokens, index: tokens)

    def model(self):
        from transformers import GPT2Config, GPT2LMHeadModel

        config = GPT2Config(vocab_size=WORDS, n_embd=8, n_layer=1, n_head=2, n_positions=LONGEST)
        return GPT2LMHeadModel(config)


class Backwards(Classifier):
    """The sentence's end told backwards, of another length."""

    def data(self):
        return Sentences(lambda tokens, index: [*tokens[: -1 - LONGEST // 2 : -1][: 1 + index % 4], END])

    def model(self):
        from transformers import T5Config, T5ForConditionalGeneration

        return T5ForConditionalGeneration(
            T5Config(
                vocab_size=WORDS + 1,
                d_model=8,
                d_kv=4,
                d_ff=16,
                num_layers=1,
                num_heads=2,
                eos_token_id=END,
                decoder_start_token_id=0,
            )
        )


SMALL = {
    "vocab_size": WORDS,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": LONGEST,
}

SEQUENCES = "transformers: a sequence for each sentence"
HERE = "tests/contract/transformers_subjects.py"
PRETRAINED: dict[str, str] = {
    "transformers: a class for each sentence": f"{HERE}:Classifier",
    "transformers: a number for each sentence": f"{HERE}:Regressor",
    "transformers: a class for each token": f"{HERE}:Tagger",
    "transformers: the token after each": f"{HERE}:NextToken",
    SEQUENCES: f"{HERE}:Backwards",
}
"""Name -> task reference."""
