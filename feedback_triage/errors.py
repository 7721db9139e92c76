"""Every error a user can cause, in one tree.

    FeedbackTriageError            exit 1
    ├── InputError                 a file or a line that cannot be used
    │   ├── MissingFileError       the path does not exist or cannot be read
    │   ├── UnreadableFileError    the content is not what the name says (binary, empty, broken)
    │   ├── MissingColumnError     a column that is needed was not recognised
    │   └── NoUsableRowError       not one row could be used (no date parses, no version is given)
    ├── SettingError               an option or an environment variable with an unusable value
    ├── StoreError                 the database cannot be used
    │   └── NewerSchemaError       the database was written by a newer version of the program
    ├── ModelError                 an encoder or classifier folder is missing, damaged or unsafe
    └── OutputError                a result cannot be written (read-only folder, full disk)

A message is one line, says what to do, and never holds customer text.
"""


class FeedbackTriageError(Exception):
    """Base of all errors that are told to the user in one line.

    Attributes:
        exit_code: the status the command line ends with.
    """

    exit_code: int = 1


class InputError(FeedbackTriageError):
    """Input that cannot be used as it is."""


class MissingFileError(InputError):
    """A path that does not exist, is a folder, or cannot be read."""


class UnreadableFileError(InputError):
    """A file whose content is not what its name says: binary, empty or broken."""


class MissingColumnError(InputError):
    """A column that is needed was neither recognised nor mapped."""


class NoUsableRowError(InputError):
    """A file in which not one row could be used."""


class SettingError(FeedbackTriageError):
    """An option or environment variable with a value that cannot be used."""


class StoreError(FeedbackTriageError):
    """A database that cannot be opened, read or written."""


class NewerSchemaError(StoreError):
    """A database whose schema was written by a newer version of the program."""


class ModelError(FeedbackTriageError):
    """An encoder or classifier folder that is missing, damaged or unsafe to load."""


class OutputError(FeedbackTriageError):
    """A result that could not be written."""
