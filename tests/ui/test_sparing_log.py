import logging

from lmc_core.ui.sparing_log import MESSAGES_A_MINUTE, Sparing, spare_the_log


def log_of(seconds: list[float]) -> list[str]:
    """What is written of a message that comes at these times."""
    clock = iter(seconds)
    sparing, written = Sparing(lambda: next(clock)), []
    for _ in seconds:
        record = logging.LogRecord("asyncio", logging.ERROR, "selector_events.py", 170, "no descriptors for %s", ("you",), None)
        if sparing.filter(record):
            written.append(record.getMessage())
    return written


def test_of_two_thousand_messages_a_second_ten_a_minute_are_written_and_the_rest_is_counted() -> None:
    seconds = [step / 2_000 for step in range(2 * 60 * 2_000)]
    written = log_of(seconds)
    assert len(written) == 2 * MESSAGES_A_MINUTE
    assert written[MESSAGES_A_MINUTE] == f"no descriptors for you [{60 * 2_000 - MESSAGES_A_MINUTE} more like this were left out]"


def test_messages_that_come_now_and_then_are_all_written() -> None:
    assert log_of([10.0 * step for step in range(50)]) == ["no descriptors for you"] * 50


def test_messages_from_another_place_are_not_left_out_with_them() -> None:
    sparing = Sparing(lambda: 0.0)
    flood = [logging.LogRecord("asyncio", logging.ERROR, "a.py", 1, "flood", (), None) for _ in range(100)]
    other = logging.LogRecord("asyncio", logging.ERROR, "a.py", 2, "other", (), None)
    assert sum(map(sparing.filter, flood)) == MESSAGES_A_MINUTE
    assert sparing.filter(other)


def test_the_servers_libraries_log_sparingly() -> None:
    logging.getLogger("streamlit.some.part")
    spare_the_log()
    for name in ("asyncio", "streamlit.some.part"):
        logger = logging.getLogger(name)
        assert any(isinstance(rule, Sparing) for rule in logger.filters)
        for rule in [rule for rule in logger.filters if isinstance(rule, Sparing)]:
            logger.removeFilter(rule)


def test_what_streamlit_warns_of_without_a_visitor_is_never_written() -> None:
    sparing = Sparing(lambda: 0.0)
    words = "Thread 'page': missing ScriptRunContext! This warning can be ignored when running in bare mode."
    assert not sparing.filter(logging.LogRecord("streamlit.runtime", logging.WARNING, "script_run_context.py", 1, words, (), None))
    assert sparing.filter(logging.LogRecord("streamlit.runtime", logging.WARNING, "script_run_context.py", 1, "another", (), None))
