"""The pytest plugin: hooks and fixtures only, each handed on to the one session object.

Loading it imports nothing heavy, and a session that collects no `eval` mark does nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.pytest_plugin import options
from technoshare_commentator.pytest_plugin.session import session_of
from technoshare_commentator.pytest_plugin.starting import start_session

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from technoshare_commentator.mlops.evaluation.session_results import SessionResults
    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.mlops.tracking import Run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the `--eval-…` flags."""
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hooks that a suite implements in its conftest.py."""
    from technoshare_commentator.pytest_plugin import hookspecs  # noqa: PLC0415 - like every plugin does it

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the session object; it registers the hooks that need to know it."""
    options.add_markers(config)
    start_session(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Turn the examples of a dataset into test cases."""
    session_of(metafunc.config).parametrize(metafunc)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, object, object]:
    """Take this shard's share of what the user selected, and put the tests of the whole session last."""
    result = yield
    session_of(config).select(items)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Say which tests belong to which case, before xdist deals them out."""
    session_of(session.config).collected(session.items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Record the scores of one test with its case, and start the cases of those that follow."""
    with session_of(item.config).recording(item, nextitem):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send what is new about the case along with the report."""
    report = yield
    session_of(item.config).attach(item, report)
    return report


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None, object, object]:
    """Publish the session as one MLflow run, also when another plugin fails at its own end."""
    try:
        return (yield)
    finally:
        session_of(session.config).finish(session, exitstatus)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the summary of the evaluation."""
    session_of(terminalreporter.config).print_summary(terminalreporter)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what still runs."""
    session_of(config).stop()


@pytest.fixture
def example(request: pytest.FixtureRequest) -> Any:
    """The example of this case, as the type that the mark's `schema` names."""
    return session_of(request.config).example(request)


@pytest.fixture
def variant(request: pytest.FixtureRequest) -> Variant:
    """What this case is run under."""
    return session_of(request.config).variant(request)


@pytest.fixture
def output(request: pytest.FixtureRequest, example: Any) -> Any:
    """What the task made of the example; tests of one example share it."""
    __tracebackhide__ = True  # in reports, people look for the frames of their task
    return session_of(request.config).output(request, example)


@pytest.fixture
def eval_results(request: pytest.FixtureRequest) -> SessionResults:
    """All results of the session, for tests marked `eval_summary`."""
    return session_of(request.config).results()


@pytest.fixture
def tracked_run(request: pytest.FixtureRequest) -> Generator[Run, None, None]:
    """The case's run, of the class that production uses: `tag`, `metric`, `artifact`, `stage`."""
    with session_of(request.config).tracked_run(request) as run:
        yield run


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`check(output, *scorers)`: run all, record all, fail once with one report."""
    return session_of(request.config).checker(request)
