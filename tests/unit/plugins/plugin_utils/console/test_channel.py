"""The way from workers to the controller."""

from __future__ import annotations

import os

from ansible_collections.seldon.openshift.plugins.plugin_utils.console.channel import Channel


def test_lines_of_many_processes_come_whole_and_in_their_order() -> None:
    channel = Channel()
    children = []
    for name in "abc":
        child = os.fork()
        if child == 0:
            for number in range(20):
                channel.send(f"{name} {number} {'ü' * 100}\n")
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    lines = channel.received()
    assert len(lines) == 60
    for name in "abc":
        mine = [line for line in lines if line.startswith(name)]
        assert mine == [f"{name} {number} {'ü' * 100}\n" for number in range(20)]
    assert channel.received() == []


def test_a_line_that_a_pipe_does_not_take_at_once_is_cut() -> None:
    channel = Channel()
    channel.send("\x01" * 10_000)
    channel.send("next")
    long, following = channel.received()
    assert (set(long), following) == ({"\x01"}, "next")


def test_a_worker_goes_on_when_nobody_reads() -> None:
    channel = Channel()
    for number in range(2000):
        channel.send(f"{number} {'x' * 100}")
    lines = channel.received()
    assert 0 < len(lines) < 2000
    assert [line.split()[0] for line in lines] == [str(number) for number in range(len(lines))]
