"""Opening a database: engine, schema, transactions, and errors that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text

from feedback_triage.errors import NewerSchemaError, StoreError

_LOCK_KEY = 7_366_433  # any number, the same in every process: PostgreSQL's advisory lock is named by it
_BUSY_SECONDS = 60.0
_ASK_AGAIN_SECONDS = 0.1
_BUSY = "another run is working on this database; try again when it has ended"


class Store:
    """An open database with the schema this version of the program expects.

    Use `reading()` and `writing()`; each is one transaction. Functions in `store.read` and `store.write`
    take the connection they give.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view of the database.

        Raises:
            StoreError: the database cannot be read.
        """
        with _told_plainly(self._engine), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that is committed whole or not at all.

        Raises:
            StoreError: the database cannot be written (locked, read-only, full disk); nothing is stored.
        """
        with (
            _told_plainly(self._engine),
            self._engine.connect().execution_options(is_writer=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def exclusive(self, wait_seconds: float | None = None) -> Iterator[None]:
        """Let one run at a time work on this database; a second one waits, and a killed one lets go.

        Args:
            wait_seconds: give up after so long; None waits for as long as it takes.

        Raises:
            StoreError: the lock cannot be taken: the folder is not writable, or the other run took longer.
        """
        if self._engine.dialect.name != "sqlite":
            # Outside a transaction: one that is open for a whole run keeps the server from cleaning up behind others.
            with (
                _told_plainly(self._engine),
                self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
            ):
                _lock_postgresql(connection, wait_seconds)
                try:
                    yield
                finally:
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            return
        path = self._engine.url.database
        if not path or path == ":memory:":
            yield
            return
        lock = FileLock(f"{path}.lock", timeout=-1 if wait_seconds is None else wait_seconds)
        with _told_plainly(self._engine):
            try:
                lock.acquire()
            except Timeout:
                raise StoreError(_BUSY) from None
            try:
                yield
            finally:
                lock.release()

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()


def _lock_postgresql(connection: Connection, wait_seconds: float | None) -> None:
    if wait_seconds is None:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        return
    # PostgreSQL's own limit on waiting is told as an error like any other, so this asks again and again instead.
    give_up_at = monotonic() + wait_seconds
    while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}).scalar_one():
        if monotonic() >= give_up_at:
            raise StoreError(_BUSY)
        sleep(_ASK_AGAIN_SECONDS)


@contextmanager
def open_store(url: str) -> Iterator[Store]:
    """Open the database at `url`, creating or migrating its schema.

    Args:
        url: SQLAlchemy URL, e.g. `sqlite:///feedback.db` or `postgresql+psycopg://localhost/triage`.

    Raises:
        NewerSchemaError: a newer version of the program has written it.
        StoreError: it cannot be opened.
    """
    engine = _create_engine(url)
    store = Store(engine)
    try:
        with _told_plainly(engine):
            if engine.dialect.name == "sqlite":
                _keep_write_ahead_log(store, engine)
            _upgrade(store, engine)
        yield store
    finally:
        store.close()


def _create_engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise StoreError(f"database kind {parsed.get_backend_name()!r} is not supported; use sqlite or postgresql")
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
    except exc.ArgumentError:
        raise StoreError("the database URL cannot be read; use for example sqlite:///feedback.db") from None
    except exc.NoSuchModuleError:
        raise StoreError(
            "the database URL names an unknown driver; use sqlite:///... or postgresql+psycopg://..."
        ) from None
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs a driver: pip install 'feedback-triage[postgresql]'") from None
    except OSError as error:
        raise StoreError(
            f"the database's folder cannot be made: {error.strerror}; choose another with --database"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    # The driver must not open transactions on its own: `_begin_sqlite` chooses the kind.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _keep_write_ahead_log(store: Store, engine: Engine) -> None:
    # The file remembers its journal mode, so one program changes it once. Two that change it at the same moment
    # are told "locked" at once, whatever the busy timeout says: each holds the read lock the other waits for.
    if _journal_mode(engine, "PRAGMA journal_mode") in {"wal", "memory"}:
        return
    with store.exclusive():
        _journal_mode(engine, "PRAGMA journal_mode = WAL")


def _journal_mode(engine: Engine, pragma: str) -> str:
    with engine.connect().execution_options(is_outside_transaction=True) as connection:
        return str(connection.exec_driver_sql(pragma).scalar_one())


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at the start: upgrading a read lock later fails at once when two writers meet.
    options = connection.get_execution_options()
    if options.get("is_outside_transaction", False):
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("is_writer", False) else "BEGIN")


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _upgrade(store: Store, engine: Engine) -> None:
    config = _alembic_config()
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found == script.get_current_head():
        return
    if found is not None and found not in known:
        raise NewerSchemaError(
            "the database was written by a newer version of feedback-triage; "
            "update the program or choose another --database"
        )
    with store.exclusive(), store.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _told_plainly(engine: Engine) -> Iterator[None]:
    """Turn the driver's errors into one line that holds no parameter values (they are customer text)."""
    try:
        yield
    except exc.DBAPIError as error:
        kind = str(error.orig).splitlines()[0] if error.orig is not None else "unknown error"
        shown = engine.url.render_as_string(hide_password=True)
        raise StoreError(f"database {shown}: {_advice(kind)}") from None
    except PermissionError:
        shown = engine.url.render_as_string(hide_password=True)
        raise StoreError(f"database {shown}: its folder is not writable; choose another with --database") from None


_FULL = "the disk is full or cannot be written; free some space and run again, nothing was lost"


def _advice(kind: str) -> str:
    known = {
        "readonly": "it is read-only; make its folder writable or choose another with --database",
        "unable to open": "it cannot be opened; check the path and its permissions",
        "disk is full": _FULL,
        "disk i/o": _FULL,
        "no space": _FULL,
        "not a database": "this file is not a SQLite database; choose another with --database",
        "locked": "another program keeps it locked; close that one and run again",
        "malformed": "the file is damaged; restore it from a copy",
        "connection": "the server cannot be reached; check that it runs and that the URL is right",
    }
    return next((advice for part, advice in known.items() if part in kind.lower()), f"it answered: {kind[:200]}")
