"""The worker thread: order, the thread that slots run on, stopping, failures, and the end of the thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Failed, Finished, Progress, StepDone, Stopped
from tlgui.jobs.worker import Job, Worker

pytestmark = pytest.mark.qt


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def wait_for(qtbot: QtBot, job: Job) -> Event:
    with qtbot.waitSignal(job.ended, timeout=20_000) as got:
        pass
    ending: Event = got.args[0]
    return ending


def test_twenty_thousand_events_arrive_in_order_on_the_gui_thread(worker: Worker, qtbot: QtBot) -> None:
    def work(emit: Emit, control: Control) -> Event:
        for i in range(20_000):
            emit(StepDone(i + 1, 20_000, 0.5, 1e-5, 0.0))
        return Finished("done")

    seen: list[Event] = []
    threads: set[int] = set()
    batches = 0

    def take(batch: list[Event]) -> None:
        nonlocal batches
        batches += 1
        seen.extend(batch)
        threads.add(threading.get_ident())

    job = worker.submit(work)
    job.batch.connect(take)
    assert wait_for(qtbot, job) == Finished("done")
    assert threads == {threading.get_ident()}
    assert [event.step for event in seen[:-1] if isinstance(event, StepDone)] == list(range(1, 20_001))
    assert seen[-1] == Finished("done")
    assert batches < 200  # drained, not one slot call an event


def test_jobs_run_one_after_the_other_in_the_order_they_came(worker: Worker, qtbot: QtBot) -> None:
    order: list[str] = []

    def named(name: str) -> Job:
        def work(emit: Emit, control: Control) -> Event:
            order.append(f"{name} begins")
            order.append(f"{name} ends")
            return Finished(name)

        return worker.submit(work)

    named("first")
    assert wait_for(qtbot, named("second")) == Finished("second")
    assert order == ["first begins", "first ends", "second begins", "second ends"]


def test_work_runs_off_the_gui_thread(worker: Worker, qtbot: QtBot) -> None:
    job = worker.submit(lambda emit, control: Finished(threading.current_thread().name))
    assert wait_for(qtbot, job) == Finished("tlgui-worker")


def test_a_stop_comes_between_two_steps(worker: Worker, qtbot: QtBot) -> None:
    begun = threading.Event()

    def work(emit: Emit, control: Control) -> Event:
        while True:
            begun.set()
            control.check()

    job = worker.submit(work)
    assert begun.wait(10)
    job.stop()
    assert wait_for(qtbot, job) == Stopped()
    assert worker.idle


def test_a_job_stopped_before_its_turn_never_begins(worker: Worker, qtbot: QtBot) -> None:
    gate = threading.Event()
    begun = []
    worker.submit(lambda emit, control: Finished(gate.wait(10)))

    def work(emit: Emit, control: Control) -> Event:
        begun.append(True)
        return Finished()

    job = worker.submit(work)
    job.stop()
    gate.set()
    assert wait_for(qtbot, job) == Stopped()
    assert not begun


def test_an_error_of_the_user_keeps_its_words_and_the_thread_lives_on(worker: Worker, qtbot: QtBot) -> None:
    def work(emit: Emit, control: Control) -> Event:
        raise TlguiError("The file has no label column.", "Pick one on the Data page.")

    failure = wait_for(qtbot, worker.submit(work))
    assert isinstance(failure, Failed)
    assert (failure.title, failure.hint) == ("The file has no label column.", "Pick one on the Data page.")
    assert wait_for(qtbot, worker.submit(lambda emit, control: Finished(1))) == Finished(1)


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), MemoryError(), SystemExit(3)])
def test_any_other_error_is_ours_and_carries_its_traceback(worker: Worker, qtbot: QtBot, error: BaseException) -> None:
    def work(emit: Emit, control: Control) -> Event:
        raise error

    failure = wait_for(qtbot, worker.submit(work))
    assert isinstance(failure, Failed)
    assert type(error).__name__ in failure.title
    assert "Traceback" in failure.details


def test_closing_stops_everything_and_ends_the_thread(qtbot: QtBot) -> None:
    worker = Worker()
    begun = threading.Event()

    def work(emit: Emit, control: Control) -> Event:
        emit(Progress("working", 0, 0))
        begun.set()
        while True:
            control.check()

    endings: list[Event] = []
    for _ in range(2):
        worker.submit(work).ended.connect(endings.append)
    assert begun.wait(10)
    worker.close()
    assert endings == [Stopped(), Stopped()]
    assert not [thread for thread in threading.enumerate() if thread.name == "tlgui-worker"]


def test_a_slot_may_close_the_worker(qtbot: QtBot) -> None:
    worker = Worker()
    job = worker.submit(lambda emit, control: Finished("last"))
    job.ended.connect(worker.close)
    assert wait_for(qtbot, job) == Finished("last")
    assert worker.idle
    worker.close()


def test_a_pause_holds_the_work_until_it_goes_on(worker: Worker, qtbot: QtBot) -> None:
    begun, passed = threading.Event(), threading.Event()

    def work(emit: Emit, control: Control) -> Event:
        control.pause()
        begun.set()
        control.wait_until_on()
        passed.set()
        return Finished()

    job = worker.submit(work)
    assert begun.wait(10)
    assert not passed.wait(0.1)
    job.control.go_on()
    assert wait_for(qtbot, job) == Finished()
