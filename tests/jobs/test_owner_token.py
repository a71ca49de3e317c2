"""The owner's token cannot be guessed in any time worth speaking of, and guesses leave a trace."""

import logging

import pytest

from lmc_core.errors import LMCError
from lmc_core.jobs.owner_token import KEPT_GUESSERS, OwnerToken


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def token(clock: Clock) -> OwnerToken:
    return OwnerToken("right", clock)


def refused(token: OwnerToken, given: str, guesser: str = "10.0.0.1") -> str:
    with pytest.raises(LMCError) as fault:
        token.demand(given, guesser)
    return str(fault.value)


def test_the_right_token_is_taken_as_often_as_one_likes(token: OwnerToken) -> None:
    for _ in range(100):
        token.demand("right", "10.0.0.1")


def test_each_wrong_guess_makes_the_guesser_wait_twice_as_long_and_nobody_else(token: OwnerToken, clock: Clock) -> None:
    for seconds in (1, 2, 4, 8, 16, 32, 60, 60):
        assert refused(token, "wrong").startswith("That is not the owner's token")
        assert refused(token, "right") == f"There were too many wrong tokens; wait {seconds} s and try again."
        token.demand("right", "10.0.0.2")
        clock.now += seconds
    token.demand("right", "10.0.0.1")
    assert refused(token, "wrong").startswith("That is not")
    clock.now += 1
    token.demand("right", "10.0.0.1")


def test_many_guessers_together_get_thirty_guesses_a_minute(token: OwnerToken, clock: Clock) -> None:
    looked_at = 0
    for number in range(3_000):
        looked_at += refused(token, f"guess {number}", f"10.0.{number // 250}.{number % 250}").startswith("That is not")
        clock.now += 0.1
    assert looked_at <= 30 * 6
    assert len(token._wrong) <= KEPT_GUESSERS


def test_wrong_guesses_are_logged_without_what_was_guessed(token: OwnerToken, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        refused(token, "wrong secret")
        refused(token, "another", "10.0.0.2")
    assert [record.getMessage() for record in caplog.records] == [
        f"A wrong owner's token was entered from {guesser}, number 1 in a row." for guesser in ("10.0.0.1", "10.0.0.2")
    ]


@pytest.mark.parametrize("given", ["", "righ", "right ", "\ud800", "\0", "r" * 100_000])
def test_any_text_is_compared(token: OwnerToken, given: str) -> None:
    assert not token.is_it(given)
    assert token.is_it("right")


def test_the_right_token_of_a_server_is_taken_whatever_others_guess() -> None:
    token = OwnerToken("a long token of a server")
    for _ in range(3):
        with pytest.raises(LMCError):
            token.demand("a guess", "10.0.0.1")
    token.demand("a long token of a server", "10.0.0.1")
