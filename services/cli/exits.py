"""What an exit code says to a script."""

from enum import IntEnum


class Exit(IntEnum):
    #: The request was refused, a row of a file was, or `doctor` or `docs` found something.
    REFUSED = 1
    #: The command, a setting or the data folder cannot be used as it is.
    USAGE = 2
    #: A service, the broker or a database did not answer.
    UNAVAILABLE = 3
    #: Something is missing, held, unpublished or altered, or has not arrived everywhere yet.
    INCOMPLETE = 4
