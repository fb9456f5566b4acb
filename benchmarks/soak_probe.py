"""Asks /healthz five times a second, in a process apart from the clients that would slow it down.

Prints for each when it began and the seconds until the answer, `nan` where none came.
"""

import http.client
import sys
import time


def main() -> None:
    """Ask until this process is ended."""
    port = int(sys.argv[1])
    while True:
        time.sleep(0.2)
        began = time.time()
        print(began, ask(port, began), flush=True)


def ask(port: int, began: float) -> float:
    """Return the seconds until the answer, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        is_fine = connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        is_fine = False
    finally:
        connection.close()
    return time.time() - began if is_fine else float("nan")


if __name__ == "__main__":
    main()
