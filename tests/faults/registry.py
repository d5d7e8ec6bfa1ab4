"""The faults that callwatch is played through: what is expected of each, and the tests that play it.

Where a fault does not touch the store it is played over one of them, and that is said.
"""

from __future__ import annotations

from typing import NamedTuple

BOTH, SQLITE, POSTGRESQL = ("sqlite", "postgresql"), ("sqlite",), ("postgresql",)


class Play(NamedTuple):
    """A test and the stores it plays on; `node` with parameters for one of its cases, without them for all."""

    node: str
    stores: tuple[str, ...]


class Fault(NamedTuple):
    """`touches`: whether the store has a part in it."""

    number: int
    fault: str
    expected: str
    plays: tuple[Play, ...]
    touches: bool = True


def _on(stores: tuple[str, ...], *nodes: str) -> tuple[Play, ...]:
    return tuple(Play(f"tests/{node}", stores) for node in nodes)


_GONE = "faults/test_gone.py"
_KILLED = "harvest/test_killed.py::test_killed"
_SENDING, _STORES, _DAEMONS = "faults/test_sending.py", "faults/test_stores.py", "faults/test_daemons.py"
_CRAWL, _PAGES = "harvest/test_bad_days.py", "spiders/test_bad_days.py"
_TROUBLE, _SPIDER = f"{_CRAWL}::test_a_lasting_trouble_is_said_and_harms_nothing", "spiders/test_guard.py"

FAULTS = (
    Fault(
        1, "kill -9 of a harvest after some of its pages",
        "abandoned, its pages stay, the next one ends as an undisturbed one; nothing is withdrawn",
        _on(SQLITE, f"{_KILLED}_at_a_commit", f"{_KILLED}_at_a_request")
        + _on(POSTGRESQL, f"{_KILLED}_over_postgresql"),
    ),
    Fault(
        2, "kill -9 between storing and the outbox", "both or none: they are one transaction",
        _on(SQLITE, "kills/test_telling.py::test_killed_at_each_commit_of_a_planning")
        + _on(POSTGRESQL, f"{_DAEMONS}::test_killed_at_each_commit_of_a_planning"),
    ),
    Fault(
        3, "kill -9 of a delivery before it sends", "sent once, by the next delivery",
        _on(BOTH, f"{_SENDING}::test_killed_before_sending"),
    ),
    Fault(
        4, "kill -9 after a mail was taken, before that is recorded",
        "at most that one comes again, with its Message-ID; the attempt is on record as unknown",
        _on(BOTH, f"{_SENDING}::test_killed_when_a_mail_was_taken"),
    ),
    Fault(
        5, "the mail connection ends after the last dot", "as 4",
        _on(BOTH, f"{_SENDING}::test_a_connection_that_ends_after_the_last_dot"),
    ),
    Fault(
        6, "kill -9 after Slack took a post, before that is recorded", "it is found in the channel; none twice",
        _on(BOTH, f"{_SENDING}::test_killed_when_slack_had_taken_a_post"),
    ),
    Fault(
        7, "Slack's reply is lost", "nothing is posted again by itself; it is found in the channel; none twice",
        _on(BOTH, f"{_SENDING}::test_a_reply_of_slack_that_is_lost"),
    ),
    Fault(
        8, "Slack asks for 30 seconds", "not before, in the channel's order, none lost",
        _on(BOTH, f"{_SENDING}::test_slack_asks_for_thirty_seconds"),
    ),
    Fault(
        9, "Slack answers 503 for ten minutes", "fewer and fewer attempts, all of it afterwards",
        _on(BOTH, f"{_SENDING}::test_slack_is_down_for_ten_minutes"),
    ),
    Fault(
        10, "greylisted for five minutes", "one mail", _on(BOTH, f"{_SENDING}::test_greylisted_for_five_minutes")
    ),
    Fault(
        11, "one of a hundred addresses is dead", "99 arrive, one is not tried again, operators hear of it",
        _on(BOTH, f"{_SENDING}::test_one_dead_address_of_a_hundred"),
    ),
    Fault(
        12, "two daemons, a tick and a harvest by hand at the same second",
        "one harvest a slot, nothing told twice",
        _on(SQLITE, "operation/test_daemon.py::test_two_daemons_a_tick_and_a_hand_at_the_same_second")
        + _on(POSTGRESQL, f"{_DAEMONS}::test_two_daemons_a_tick_and_a_hand"),
    ),
    Fault(
        13, "four deliverers of 10,000 messages (on SQLite four claimers)", "each comes once",
        _on(POSTGRESQL, f"{_STORES}::test_four_deliverers_of_ten_thousand_messages")
        + _on(SQLITE, "store/test_processes.py::test_four_claimers_send_everything_once[sqlite]"),
    ),
    Fault(
        14, "PostgreSQL crashes and comes back under load", "everybody goes on; told exactly what is to be told",
        _on(POSTGRESQL, f"{_STORES}::test_postgresql_is_restarted_under_load",
            f"{_DAEMONS}::test_a_daemon_outlives_its_database"),
    ),
    Fault(
        15, "the disk is full", "a clean failure, a whole database, and on when there is room",
        _on(SQLITE, f"{_STORES}::test_a_small_disk_is_full",
            f"{_STORES}::test_a_disk_that_is_full_when_mails_leave",
            "store/test_processes.py::test_a_full_disk_stops_cleanly_and_harms_nothing[sqlite]"),
    ),
    Fault(
        16, "another program locks the SQLite file for 20 seconds", "everybody waits, nothing is lost",
        _on(SQLITE, f"{_STORES}::test_another_program_locks_it_for_twenty_seconds",
            "delivery/test_together.py::test_a_database_that_another_program_keeps_locked"),
    ),
    Fault(
        17, "the clock jumps an hour back or on; both nights of summer time",
        "one harvest a slot, one digest a period, no period left out",
        _on(SQLITE, "operation/test_ticks.py::test_a_clock_that_is_set_back_an_hour",
            "operation/test_ticks.py::test_a_night_in_which_the_clocks_are_changed",
            "delivery/test_clock.py::test_a_night_in_which_the_clocks_are_changed",
            "delivery/test_clock.py::test_a_clock_that_jumps_by_an_hour")
        + _on(POSTGRESQL, f"{_DAEMONS}::test_a_clock_that_is_set_back_an_hour",
              f"{_DAEMONS}::test_a_night_in_which_the_clocks_are_changed"),
    ),
    Fault(
        18, "the machine is off over Monday 08:00", "one digest at the start, of exactly its window",
        _on(SQLITE, "operation/test_ticks.py::test_off_over_monday_morning",
            "delivery/test_clock.py::test_off_over_monday_morning")
        + _on(POSTGRESQL, f"{_DAEMONS}::test_off_over_monday_morning"),
    ),
    Fault(
        19, "the portal lists nothing, half, a web page, or broken JSON",
        "not complete; nothing is withdrawn; operators are told",
        _on(SQLITE, f"{_TROUBLE}[empty]", f"{_TROUBLE}[maintenance]", f"{_TROUBLE}[broken JSON]",
            f"{_TROUBLE}[cut off]", f"{_CRAWL}::test_half_of_the_usual_calls_is_not_believed",
            "operation/test_bad_day.py"),
        touches=False,
    ),
    Fault(
        20, "the portal publishes thousands of calls anew", "at most one message each, held for an operator",
        _on(SQLITE, "delivery/test_storm.py"),
        touches=False,
    ),
    Fault(
        21, "gzip bombs, 2 GiB, endless and trickling answers",
        "dropped at the bound, below 200 MiB of memory, other portals as ever",
        _on(SQLITE, "faults/test_bombs.py", f"{_TROUBLE}[gzip bomb]", f"{_TROUBLE}[huge body]",
            f"{_PAGES}::test_a_body_that_trickles_for_ever_times_out"),
        touches=False,
    ),
    Fault(
        22, "redirects to inner addresses, files, other hosts", "refused and recorded",
        _on(SQLITE, f"{_TROUBLE}[redirect]", f"{_TROUBLE}[all redirected away]",
            f"{_TROUBLE}[redirected to a file]", f"{_TROUBLE}[another host]",
            f"{_PAGES}::test_a_redirect_elsewhere_is_not_followed",
            f"{_PAGES}::test_a_redirect_to_nowhere_good_is_not_followed", _SPIDER),
        touches=False,
    ),
    Fault(
        23, "hostile titles", "inert in Slack, mail, calendar, feed, CSV and on a terminal; bounds hold",
        _on(SQLITE, "delivery/test_hostile.py", f"{_CRAWL}::test_a_hostile_item_costs_itself_alone",
            *(f"alerts/test_{form}.py::test_hostile_text_stays_text" for form in ("hostile", "calendar", "atom")),
            "cli/test_reading.py::test_calls_as_csv_run_no_formula",
            "cli/test_reading.py::test_no_title_steers_a_terminal",
            "web/test_feeds.py::test_hostile_titles_break_no_feed"),
        touches=False,
    ),
    Fault(
        24, "the broker of a cluster is wiped (PostgreSQL alone)", "what is due is on it again; nothing is lost",
        _on(POSTGRESQL, "cluster/test_promises.py::test_a_broker_that_is_wiped_loses_nothing"),
    ),
    Fault(
        25, "a migration is killed; an old program meets a new database",
        "it can be started again; refused with a clear word",
        _on(BOTH, "store/test_upgrade.py::test_a_killed_migration_can_be_started_again",
            "store/test_upgrade.py::test_a_newer_database_is_refused_with_both_revisions"),
    ),
    Fault(
        26, "the database is gone, and back: harvest, plan, deliver, daemon",
        "one clear line; then on where it was",
        _on(SQLITE, f"{_GONE}::test_an_sqlite_file_that_is_away",
            "operation/test_daemon.py::test_a_database_that_is_away_is_waited_for")
        + _on(POSTGRESQL, f"{_GONE}::test_a_postgresql_that_is_away",
              f"{_DAEMONS}::test_a_daemon_outlives_its_database"),
    ),
    Fault(
        27, "the folder of the database may only be read", "one clear line; then on where it was",
        _on(SQLITE, f"{_GONE}::test_a_folder_that_may_only_be_read"),
    ),
)  # fmt: skip

ONE_STORE = {
    14: "a server alone crashes",
    15: "the file is ours alone",
    16: "a file alone is locked",
    24: "a cluster has PostgreSQL",
    27: "the file is ours alone",
}
"""Faults that only one of the stores can have, and why."""
