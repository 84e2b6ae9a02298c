"""Trained models: written down, read back, exported, and asked about new rows.

In a folder of its own because nothing here takes part in training: what lies directly in the training room is
part of every task's fingerprint, and a better export must not make the curves of a ledger out of date.
"""
