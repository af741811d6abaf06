"""A TCP proxy whose connections can be cut, silenced and robbed of their answers.

    proxy.py COUNT

listens on COUNT free ports of the loopback interface and prints them on one line. Orders come by
standard input, a line each; ends with it.

    target GATE PORT   where the gate's connections go
    pass GATE          bytes go both ways; connections that lost some are reset
    refuse GATE        connections are reset, and new ones refused
    silence GATE       nothing is lost, and nothing arrives until `pass`
    mute GATE          what clients say arrives, and what they are told does not
"""

import socket
import struct
import sys
import threading

CHUNK = 1 << 17


class Connection:
    """One client's connection and the one behind it."""

    def __init__(self, client, behind):
        self.ends = (client, behind)
        self.has_lost_bytes = False

    def reset(self):
        for end in self.ends:
            try:
                # Closed without lingering: the other side is told by a reset.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It has ended by itself.


class Gate:
    """One listening port. Everything below `changed` is guarded by it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.changed = threading.Condition()
        self.target = None
        self.mode = "pass"
        self.connections = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def obey(self, mode):
        with self.changed:
            self.mode = mode
            for connection in self.connections:
                if mode == "refuse" or (mode == "pass" and connection.has_lost_bytes):
                    connection.reset()
            self.changed.notify_all()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        behind = None
        with self.changed:
            target, is_refused = self.target, self.mode == "refuse"
        try:
            if target is None or is_refused:
                raise ConnectionRefusedError
            behind = socket.create_connection(("127.0.0.1", target))
            # While nobody listens there, a connection may be made with itself.
            if behind.getsockname() == behind.getpeername():
                raise ConnectionRefusedError
        except OSError:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            if behind is not None:
                behind.close()
            return
        connection = Connection(client, behind)
        for end in connection.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.changed:
            self.connections.add(connection)
            if self.mode == "refuse":
                connection.reset()
        answers = threading.Thread(target=self.pump, args=(connection, behind, client), daemon=True)
        answers.start()
        self.pump(connection, client, behind)
        answers.join()
        with self.changed:
            self.connections.discard(connection)
        for end in connection.ends:
            end.close()

    def pump(self, connection, source, sink):
        is_answer = source is connection.ends[1]
        try:
            while data := source.recv(CHUNK):
                if self.may_pass(connection, is_answer):
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            connection.reset()

    def may_pass(self, connection, is_answer):
        with self.changed:
            self.changed.wait_for(lambda: self.mode != "silence")
            if self.mode != "mute" or not is_answer:
                return True
            connection.has_lost_bytes = True
            return False


def main():
    gates = [Gate() for _ in range(int(sys.argv[1]))]
    print(*(gate.port for gate in gates), flush=True)
    for line in sys.stdin:
        order, gate, *rest = line.split()
        if order == "target":
            with gates[int(gate)].changed:
                gates[int(gate)].target = int(rest[0])
        else:
            gates[int(gate)].obey(order)


if __name__ == "__main__":
    main()
