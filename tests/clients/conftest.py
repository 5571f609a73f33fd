import socket

import pytest


@pytest.fixture
def free_ports():
    """Ports that a server can be started on later."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
