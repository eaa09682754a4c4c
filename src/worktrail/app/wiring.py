"""Wiring: the only place where adapters are chosen.

Rule: everything above gets a ``Wiring`` and asks no more where things come from; everything below takes what it needs as an
argument. A wiring belongs to one database and one project; ``close`` gives the database back.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from worktrail.app.documents import FORMATS, is_there, load_segment_file
from worktrail.app.project import Project, Segments, environment, load_project
from worktrail.app.schema_checker import JsonSchemaChecker
from worktrail.app.steps import register_steps, with_step_defaults
from worktrail.contract import SegmentDefinition, StepCatalog
from worktrail.errors import AuthorError, CallerError, WorktrailError
from worktrail.human import TaskDesk
from worktrail.net import NetPolicy, OutboundClient, ServiceClient
from worktrail.runtime import Driver, HandlerTable, HookTable, PlanBook, RuntimeContextManager
from worktrail.steps import ScriptedProvider, handlers
from worktrail.store import Store, open_store

__all__ = ["Wiring", "load_app", "wire"]


class Wiring:
    """A project, put together. ``store`` is opened when it is first asked for, so that what needs none makes no file."""

    def __init__(
        self,
        project: Project,
        *,
        database: Path | str | None,
        catalog: StepCatalog,
        table: HandlerTable,
        checker: JsonSchemaChecker,
        resources: RuntimeContextManager,
        hooks: HookTable | None = None,
        tenant_id: str = "default",
        client: OutboundClient | None = None,
    ) -> None:
        self._client = client
        self.project = project
        self.database = database
        self.catalog = catalog
        self.handlers = table
        self.checker = checker
        self.resources = resources
        self.hooks = hooks
        self.tasks = TaskDesk(checker)
        self.segments = project.segments()
        self._tenant_id = tenant_id
        self._store: Store | None = None
        self._plans: PlanBook | None = None

    def existing(self) -> Store:
        """The database's handle, for whoever would not make one. CallerError DATABASE_NOT_FOUND where there is no file."""
        self.must_exist()
        return self.store

    def must_exist(self) -> None:
        """CallerError DATABASE_NOT_FOUND where there is no file; an open database is there."""
        if self._store is None and str(self.database) != ":memory:" and not is_there(str(self.database)):
            raise CallerError("DATABASE_NOT_FOUND", f"there is no database at {self.database}")

    @property
    def store(self) -> Store:
        """The database's handle."""
        if self._store is None:
            self._store = open_store(self.database, self._tenant_id)
        return self._store

    @property
    def plans(self) -> PlanBook:
        """Segments made ready to run here, for whoever requests runs without a driver."""
        if self._plans is None:
            self._plans = PlanBook(self.store, self.catalog, self.handlers, has_tasks=True)
        return self._plans

    def driver(self, *, concurrency: int | None = None, **options: Any) -> Driver:
        """A driver over the store; open it with ``await driver.open()``."""
        return Driver(
            self.store,
            catalog=self.catalog,
            handlers=self.handlers,
            checker=self.checker,
            tasks=self.tasks,
            resources=self.resources,
            hooks=self.hooks,
            concurrency=concurrency or self.project.document.project.concurrency,
            max_value_bytes=self.project.document.project.max_value_bytes,
            **options,
        )

    def find_segment(self, name: str) -> tuple[SegmentDefinition, Mapping[str, SegmentDefinition]]:
        """A segment by file or by id in the project, ready to run, with the segments it may use as sub-segments.

        CallerError DOCUMENT_FILE, SEGMENT_NOT_FOUND; CanvasError DOCUMENT_…; SegmentValidationError.
        """
        path = Path(name)
        if path.suffix.lower() in FORMATS or is_there(path, file=True):
            segment = load_segment_file(path)
            known = self.beside(segment, path)
        else:
            segment = self.segments.get(name)
            known = self.segments.all() if segment.resources.segments else {}
        ready = {each: with_step_defaults(one) for each, one in known.items()} if segment.resources.segments else {}
        return with_step_defaults(segment), ready

    def beside(self, segment: SegmentDefinition, path: Path) -> Mapping[str, SegmentDefinition]:
        """What a segment of a file may use: the project's segments, and those in the file's own folder."""
        if not segment.resources.segments:
            return {}
        return {**Segments([path.parent], neighbours=True).all(), **self.segments.all()}

    async def leave_loop(self) -> None:
        """Closes what belongs to the running loop (connections to services), before it ends; the wiring can be used again."""
        if self._client is not None:
            await self._client.aclose()

    def close(self) -> None:
        """Gives the database back; idempotent."""
        if self._store is not None:
            self._store.close()
            self._store = self._plans = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _EnvironmentSecrets:
    """Secrets of the project file: id → ``env:NAME``, read when a step asks."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = dict(sources)

    def get_secret(self, secret_id: str) -> str:
        """KeyError for an id that the file does not name."""
        return environment(self._sources[secret_id])


def wire(
    project: Project | Path | None = None,
    *,
    database: Path | str | None = None,
    app: str | None = None,
    with_app: bool = True,
    tenant_id: str = "default",
) -> Wiring:
    """Builds a project's wiring. ``database`` and ``app`` win over the project file; ``":memory:"`` keeps nothing.
    ``with_app`` false leaves user code and resources alone: enough for whoever only reads or sends commands.

    ``app`` is a module or a ``.py`` file with `@step` functions; a function ``setup(resources)`` in it may register stores,
    clients, llms and a secrets provider, a function ``hooks(table)`` may add hooks. CallerError APP_NOT_FOUND if there is none,
    AuthorError APP_MODULE where it cannot be imported.
    """
    found = project if isinstance(project, Project) else load_project(project)
    document = found.document
    checker = JsonSchemaChecker()
    catalog = StepCatalog(checker=checker)
    table = HandlerTable()
    client = OutboundClient(_policy(found))
    for type_id, handler in handlers(client=client, scripted=document.models.scripted).items():
        table.register(type_id, handler)
    resources, hooks = RuntimeContextManager(), HookTable()
    name = app or document.project.app
    if with_app:
        _register_resources(found, resources, client)
    if with_app and name is not None:
        module = load_app(name, found.root if app is None else Path.cwd())
        register_steps(catalog, table)
        _call(module, "setup", resources)
        _call(module, "hooks", hooks)
    place = database if database is not None else found.database
    return Wiring(
        found,
        database=place,
        catalog=catalog,
        table=table,
        checker=checker,
        resources=resources,
        hooks=hooks,
        tenant_id=tenant_id,
        client=client,
    )


def _policy(project: Project) -> NetPolicy:
    http = project.document.http
    more: dict[str, Any] = {} if http.ports is None else {"ports": http.ports}
    return NetPolicy(allow_hosts=http.allow_hosts, only_hosts=http.only_hosts, allow_private=http.allow_private, **more)


def _register_resources(project: Project, resources: RuntimeContextManager, client: OutboundClient) -> None:
    table = project.document.resources
    for client_id, row in table.clients.items():
        headers = {name: environment(text) for name, text in row.headers.items()}
        resources.register_client(client_id, ServiceClient(environment(row.base_url), headers=headers, client=client))
    for llm_id, llm in table.llms.items():
        resources.register_llm(llm_id, ScriptedProvider(llm.replies or None, model=llm_id))
    if table.secrets:
        resources.register_secrets_provider(_EnvironmentSecrets(table.secrets))


def load_app(name: str, root: Path) -> ModuleType:
    """Imports user code: a module that Python finds from `root`, or a ``.py`` file, which finds its siblings as a script does
    and is run again only where it was edited. CallerError APP_NOT_FOUND where it is not there, AuthorError APP_MODULE says
    what is wrong with it."""
    try:
        if name.endswith(".py"):
            return _load_file((root / name).resolve())
        _look_in(root)
        return importlib.import_module(name)
    except WorktrailError:
        raise
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise CallerError("APP_NOT_FOUND", f"there is no module {name!r} in {root}") from None
        message = f"the app module {name!r} needs {error.name!r}, which is not installed"
        hint = "Install it, or correct the import."
        raise AuthorError("APP_MODULE", message, hint=hint, details=_place(error)) from error
    except (Exception, SystemExit) as error:  # user code may raise anything while it is imported
        message = f"the app module {name!r} cannot be imported: {type(error).__name__}: {error}"
        raise AuthorError("APP_MODULE", message, details=_place(error)) from error


def _place(error: BaseException) -> dict[str, Any]:
    """File and line of what went wrong."""
    if isinstance(error, SyntaxError):
        return {"file": error.filename, "line": error.lineno}
    frames = traceback.extract_tb(error.__traceback__)
    last = [each for each in frames if not each.filename.startswith("<frozen ")][-1]  # of imports that led nowhere
    return {"file": last.filename, "line": last.lineno}


_loaded: dict[str, tuple[str, int, int]] = {}  # the files that are loaded, as they were


def _look_in(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise CallerError("APP_NOT_FOUND", f"there is no file {path}")
    name = f"worktrail_app_{path.stem}"
    facts = path.stat()
    version = (str(path), facts.st_mtime_ns, facts.st_size)
    if _loaded.get(name) == version:
        return sys.modules[name]
    _look_in(path.parent)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise AuthorError("APP_MODULE", f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        _loaded.pop(name, None)
        raise
    _loaded[name] = version
    return module


def _call(module: ModuleType, name: str, argument: RuntimeContextManager | HookTable) -> None:
    """A function that user code may have."""
    function = getattr(module, name, None)
    if function is None:
        return
    if not callable(function):
        raise AuthorError("APP_MODULE", f"`{name}` in {module.__name__} is no function")
    try:
        function(argument)
    except WorktrailError:
        raise
    except Exception as error:
        message = f"{name}() of {module.__name__} raised {type(error).__name__}: {error}"
        raise CallerError("APP_MODULE", message, details=_place(error)) from error
