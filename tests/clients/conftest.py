import itertools
import pathlib
import random
import socket

import pytest

PORT_RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture
def free_ports():
    """Four ports that a server can be started on later. No connection gets one of them for its own end meanwhile."""
    first_given_out = int(PORT_RANGE.read_text().split()[0])
    ports = random.sample(range(first_given_out - 10_000, first_given_out), 1_000)
    return list(itertools.islice(filter(is_free, ports), 4))
