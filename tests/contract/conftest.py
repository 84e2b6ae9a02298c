import pytest

from epochsearch.engines.inline import limit_threads
from tests.contract.subjects import write_table


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Workers have one thread each, and so have the tests that stand in for them."""
    limit_threads(1)


@pytest.fixture(scope="session")
def table(tmp_path_factory):
    return write_table(tmp_path_factory.mktemp("table") / "recorded.csv")
