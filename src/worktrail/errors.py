"""The one error tree: every error that leaves a room is one of these.

Rule: an error says whose turn it is. Four roots by *blame*; a stable ``code`` from the table ``CODES``; a message that
names the thing; a ``hint`` that names the next action; a ``pointer`` (RFC 6901) or place where there is one.
The JSON shape is the same at every face: ``{code, message, hint, pointer?, details?}``.
Why a table: the docs (``docs/errors.md``) and the tests hold the codes against it, so a code cannot appear undocumented.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

__all__ = ["CODES", "AuthorError", "Blame", "CallerError", "CodeInfo", "OurError", "ProviderError", "WorktrailError"]

Blame = Literal["author", "caller", "provider", "ours"]


class CodeInfo(NamedTuple):
    """What a code means: whose turn it is, the meaning in one sentence, and the next action."""

    blame: Blame
    meaning: str
    action: str


MESSAGE_MAX = 4_000


def _short(text: str) -> str:
    """A text that names the thing at fault; a name may be as long as whatever was given, and nobody reads all of that."""
    return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - 1] + "…"


class WorktrailError(Exception):
    """Abstract root: raise one of its four children.

    ``code`` must stand in ``CODES``; ``pointer`` is a JSON pointer into the document at fault; ``details`` holds small
    JSON values (never secrets, never whole payloads).
    """

    blame: Blame

    def __init__(
        self, code: str, message: str, *, hint: str = "", pointer: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        if type(self) is WorktrailError:
            raise TypeError("WorktrailError is abstract: raise AuthorError, CallerError, ProviderError or OurError")
        message = _short(message)
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint or (CODES[code].action if code in CODES else "")
        self.pointer = pointer
        self.details = details

    def to_dict(self) -> dict[str, Any]:
        """The one JSON shape ``{code, message, hint, pointer?, details?}``."""
        shape: dict[str, Any] = {"code": self.code, "message": self.message, "hint": self.hint}
        if self.pointer is not None:
            shape["pointer"] = self.pointer
        if self.details:
            shape["details"] = self.details
        return shape

    def __str__(self) -> str:
        place = f" at {self.pointer}" if self.pointer is not None else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.code}{place}: {self.message}{hint}"


class AuthorError(WorktrailError):
    """The author of a definition (segment, expression, config, project file) made a mistake."""

    blame: Blame = "author"


class CallerError(WorktrailError):
    """The caller asked for something that cannot be (wrong input, unknown id, conflicting state, no right)."""

    blame: Blame = "caller"


class ProviderError(WorktrailError):
    """Something outside failed: a handler, a server, a model, the disk."""

    blame: Blame = "provider"


class OurError(WorktrailError):
    """Worktrail broke one of its own promises: please report it."""

    blame: Blame = "ours"


# code → (blame, meaning, next action). Grouped by the room that raises it; docs/errors.md has one entry for each.
CODES: dict[str, CodeInfo] = {
    # feel
    "FEEL_SYNTAX": CodeInfo("author", "The text is not a FEEL expression.", "Correct the expression at the place shown."),
    "FEEL_NAME": CodeInfo("author", "A name in the expression is not known here.", "Use one of the names listed."),
    "FEEL_TYPE": CodeInfo("author", "An operation got a value of the wrong type.", "Convert the value or guard it."),
    "FEEL_MISSING": CodeInfo(
        "author",
        "A path reads a key that the value does not have.",
        "Guard it with `get or else(x, default)` or `is defined(x)`.",
    ),
    "FEEL_VALUE": CodeInfo(
        "author", "A function or conversion cannot take this value.", "Check the argument's range and format."
    ),
    "FEEL_BUDGET": CodeInfo(
        "author", "The expression used more steps, depth or size than allowed.", "Make it smaller or raise the budget."
    ),
    # contract
    "SEGMENT_INVALID": CodeInfo(
        "author", "A segment has errors and cannot run.", "Correct the problems listed under `details.problems`."
    ),
    "STEP_TYPE_UNKNOWN": CodeInfo(
        "author", "The catalogue has no step type of this id.", "Register the type, or use one of the catalogue."
    ),
    "STEP_TYPE_EXISTS": CodeInfo(
        "author", "The step type id already means something else.", "Use another id, or register with `replace=True`."
    ),
    "STEP_TYPE_INVALID": CodeInfo(
        "author", "A step type cannot be registered as it is.", "Correct the entry as the message says."
    ),
    "CONDITION_INVALID": CodeInfo(
        "author", "The text cannot be the condition of an edge.", "Write a FEEL expression that is boolean."
    ),
    "LOCK_CHILD": CodeInfo(
        "author", "A sub-segment is not pinned by a hash.", "Make the sub-segment's lock first and hand its hashes over."
    ),
    "DOCUMENT_ENCODING": CodeInfo("author", "The document is not UTF-8.", "Save it as UTF-8."),
    "DOCUMENT_SYNTAX": CodeInfo("author", "The text is not JSON, or not YAML.", "Correct it at the line and column shown."),
    "DOCUMENT_KEY_TWICE": CodeInfo("author", "A key stands twice in one object.", "Remove one of the two."),
    "DOCUMENT_NUMBER": CodeInfo("author", "A number of the document cannot be kept exactly.", "Write it as a string."),
    "DOCUMENT_TOO_DEEP": CodeInfo("author", "The document is nested too deeply.", "Make it flatter."),
    "DOCUMENT_TOO_LARGE": CodeInfo("author", "The document is larger than allowed.", "Split it into sub-segments."),
    "DOCUMENT_YAML": CodeInfo(
        "author",
        "The YAML uses something that JSON cannot hold (a tag, an alias too many, a key that is no text).",
        "Write it plainly.",
    ),
    "DOCUMENT_FORMAT": CodeInfo("author", "The format of a document is not known.", "Use `.json`, `.yaml` or `.yml`."),
    "DOCUMENT_FILE": CodeInfo("caller", "The file cannot be read.", "Check its path and rights."),
    # events, journal
    "JOURNAL_VERSION": CodeInfo(
        "ours", "The journal holds a shape that this release does not know.", "Open it with the release that wrote it, or newer."
    ),
    "JOURNAL_CORRUPT": CodeInfo(
        "ours", "Stored bytes are not what was written.", "Run `worktrail doctor`; restore from a backup."
    ),
    # store
    "LEASE_LOST": CodeInfo(
        "caller",
        "The lease does not hold any more, or does not own the run.",
        "Drop the run's state; acquire a new lease and claim.",
    ),
    "RUN_EXISTS": CodeInfo("caller", "A run with this id is already there.", "Use the run that exists, or another id."),
    "RUN_ENDED": CodeInfo("caller", "The run has ended and cannot open again.", "Look at its trail; a new run begins anew."),
    "SEQ_CONFLICT": CodeInfo(
        "caller", "An append does not begin at the stream's next seq.", "Read the stream again, decide again."
    ),
    "NOT_FOUND": CodeInfo("caller", "Nothing is stored under this name.", "Check the name."),
    "STORE_VALUE": CodeInfo("caller", "A row holds a value that no reader would know.", "Correct the value."),
    "STORE_PATH": CodeInfo("caller", "The database cannot be at this path.", "Name a file in a directory that exists."),
    "STORE_NETWORK": CodeInfo(
        "caller", "The path is on a network file system, where locks and syncs do not hold.", "Put the database on a local disk."
    ),
    "STORE_VERSION": CodeInfo(
        "caller",
        "The database was made by a newer release, or is not Worktrail's.",
        "Open it with the release that wrote it, or newer.",
    ),
    "STORE_CLOSED": CodeInfo("caller", "The store was closed.", "Open it again."),
    "STORE_PRAGMA": CodeInfo("provider", "SQLite did not take a setting that durability needs.", "Run `worktrail doctor`."),
    "STORE_BUSY": CodeInfo("provider", "Another process kept the database locked too long.", "Try again; nothing was written."),
    "STORE_FULL": CodeInfo("provider", "The disk is full. Nothing of this commit was written.", "Free space, then try again."),
    "STORE_READ_ONLY": CodeInfo(
        "provider",
        "The database or its directory cannot be written.",
        "Give this user the right to write to the directory and the file.",
    ),
    "STORE_IO": CodeInfo(
        "provider",
        "The disk failed to read, write or sync.",
        "Check the disk; open the store again and refold: the commit may have failed.",
    ),
    "STORE_DEAD": CodeInfo("provider", "An earlier disk error ended the use of this handle.", "Open the store again and refold."),
    "STORE_BROKEN": CodeInfo("ours", "SQLite refused a statement of ours.", "Report it with the message."),
    "STORE_CORRUPT": CodeInfo("provider", "The file is damaged or is not a database.", "Restore it from a backup."),
    # runtime
    "RESOURCE_NOT_FOUND": CodeInfo(
        "caller",
        "No store, client, model, secret or provider is registered under this id.",
        "Register it, or use one of the ids named.",
    ),
    "RESOURCE_EXISTS": CodeInfo("caller", "The id is registered already.", "Use another id, or say `replace=True`."),
    "SECRET_ACCESS_DENIED": CodeInfo(
        "caller",
        "The secret may not be read here.",
        "Declare the secret in the segment's resources, or change the secrets policy.",
    ),
    "SECRET_INVALID": CodeInfo("provider", "The secrets provider did not answer with text.", "Correct the provider."),
    "CONTEXT_INVALID": CodeInfo(
        "caller", "A context, store of events or manager was used with arguments that cannot be.", "Correct them."
    ),
    "HANDLER_MISSING": CodeInfo(
        "caller", "No handler is registered for the step type.", "Register one: `register_handler(step_type, handler)`."
    ),
    "HANDLER_FAILED": CodeInfo(
        "provider", "A handler raised an exception.", "Read the message; correct the handler or what it calls."
    ),
    "HOOK_VETO": CodeInfo("caller", "A hook said no.", "Read the reason; change the request, or remove the hook."),
    "EVENT_PAYLOAD": CodeInfo("caller", "An event's payload holds something that is not JSON.", "Emit plain JSON values."),
    "STREAM_GAP": CodeInfo(
        "caller", "A reader was too slow: events left the bounded store unread.", "Read on; load what is missing anew."
    ),
    # engine
    "PORT_CONFLICT": CodeInfo(
        "author", "Several edges delivered to a port that takes one value.", "Make the edges exclusive, or the port `many`."
    ),
    "UNHANDLED_OUTCOME": CodeInfo(
        "author", "A visit ended in an outcome that no edge takes.", "Draw an edge from the outcome's port."
    ),
    "CONDITION_ERROR": CodeInfo(
        "author", "A condition failed or is not true or false.", "Correct the condition or guard what it reads."
    ),
    "EXPRESSION_ERROR": CodeInfo("author", "An expression of a step failed.", "Correct the expression or guard what it reads."),
    "MERGE_CONFLICT": CodeInfo("author", "A shallow merge met the same key twice.", "Use merge `by_step`, or rename the keys."),
    "ANSWER_INVALID": CodeInfo(
        "provider", "A handler answered with an unknown port, no port, or a value that does not fit.", "Answer `{port: value}`."
    ),
    "ITEM_FAILED": CodeInfo("provider", "An item of a map or a round of a loop failed.", "Look at the item's own failure."),
    "NO_RESULT": CodeInfo("author", "A scope ended without a result.", "Name its outputs, or set `allow_empty`."),
    "OUTPUT_INVALID": CodeInfo("author", "The run's outputs do not fit output_schema.", "Correct the schema or the outputs map."),
    "ATTEMPT_TIMED_OUT": CodeInfo(
        "provider", "An attempt took longer than timeout_s.", "Raise timeout_s or make the work quicker."
    ),
    "DEADLINE_EXCEEDED": CodeInfo(
        "provider", "A visit took longer than deadline_s.", "Raise deadline_s or look at what it waited for."
    ),
    "RUN_TIMED_OUT": CodeInfo(
        "provider", "The run passed its time limit.", "Raise timeout_seconds or deadline_s of the segment."
    ),
    "ATTEMPT_LOST": CodeInfo(
        "provider", "The process that ran an attempt ended; its effect is uncertain.", "Check outside, then resolve the incident."
    ),
    "CHILD_FAILED": CodeInfo("provider", "A child run failed.", "Look at the child run's trail."),
    "CHILD_CANCELLED": CodeInfo("caller", "A child run was cancelled.", "Look at who cancelled it."),
    "TASK_CANCELLED": CodeInfo("caller", "A human task was cancelled.", "Look at who cancelled it."),
    "ANSWER_STALE": CodeInfo("caller", "The answer comes too late: the visit has moved on.", "Nothing to do; look at the trail."),
    "RUN_PAUSED": CodeInfo("caller", "The run is paused.", "Resume it first."),
    "INCIDENT_NOT_OPEN": CodeInfo("caller", "There is no such open incident.", "List the open incidents."),
    "INCIDENT_ACTION": CodeInfo("caller", "This repair does not fit the incident.", "Use one of the actions named."),
    "VALUE_TOO_LARGE": CodeInfo(
        "caller", "A value is larger than is kept.", "Keep it elsewhere and pass its name, or raise max_value_bytes."
    ),
    "INPUT_INVALID": CodeInfo("caller", "The input does not fit the segment.", "Correct the input at the place shown."),
    "PARAMETER_UNKNOWN": CodeInfo("caller", "The segment has no such parameter.", "Use one of the parameters named."),
    "PARAMETER_INVALID": CodeInfo("caller", "A parameter does not fit its schema.", "Correct the parameter."),
    "PARAMETER_MISSING": CodeInfo("caller", "A parameter without a default was not given.", "Give the parameter."),
    "CHILD_TOO_DEEP": CodeInfo("author", "Child runs are nested too deep.", "Use a loop, or flatten the sub-segments."),
    "CAPABILITY_MISSING": CodeInfo(
        "caller", "This process lacks what the segment needs.", "Register the handlers named, or use --app."
    ),
    "SEGMENT_UNKNOWN": CodeInfo("caller", "A sub-segment was not given.", "Put it beside the segment or into the project."),
    "SEGMENT_CYCLE": CodeInfo("author", "Sub-segments call each other in a circle.", "Iterate with `loop` or `map`."),
    "SECRET_COMPUTED": CodeInfo("author", "A secret's id is an expression.", "Write the id itself."),
    "DEMO_BUSY": CodeInfo(
        "caller", "Another process has the demo's folder, or its port.", "Stop it, or use another folder: `--keep FOLDER`."
    ),
    "DEMO_FAILED": CodeInfo("ours", "A step of the demo did not go as it should.", "Run the command shown by hand."),
    "DRIVER_BROKEN": CodeInfo("ours", "The driver met an error of its own.", "Start again, the runs go on; please report it."),
    "RUNNER_CLOSED": CodeInfo("caller", "The runner is not open.", "Use `async with runner:` around it."),
    "COMMAND_UNKNOWN": CodeInfo("caller", "There is no such command.", "Use one of the commands named."),
    "COMMAND_INVALID": CodeInfo("caller", "A command does not say what it must.", "See the message; send it again."),
    "RUN_ELSEWHERE": CodeInfo("caller", "Another process owns this run, or none does.", "Use `send_command`."),
    "REFERENCE_UNREADABLE": CodeInfo("ours", "A reference could not be read where it was used.", "Please report it."),
    # net
    "NET_URL": CodeInfo("caller", "The text is not a URL that may be requested.", "Correct the URL or path."),
    "NET_REQUEST": CodeInfo("caller", "The method or a header cannot be sent.", "Correct the method or header named."),
    "NET_POLICY": CodeInfo("caller", "The policy for outbound requests is written wrongly.", "Correct the entry named."),
    "NET_ADDRESS_REFUSED": CodeInfo(
        "caller",
        "The guard refuses the host, port or address. Nothing was sent there.",
        "Use a public host, or name this one in allow_hosts.",
    ),
    "NET_RESOLVE": CodeInfo("provider", "The host's name has no address.", "Check the name; try again later."),
    "NET_CONNECT": CodeInfo(
        "provider", "No connection could be made. Nothing was sent.", "Check that the service runs; try again later."
    ),
    "NET_TLS": CodeInfo(
        "provider", "The service could not prove who it is. Nothing was sent.", "Check its certificate and your roots."
    ),
    "NET_TIMEOUT": CodeInfo("provider", "The exchange took longer than allowed.", "Try again later, or allow more time."),
    "NET_PROTOCOL": CodeInfo(
        "provider", "The service broke off or did not speak HTTP properly.", "Try again later; check the service."
    ),
    "NET_TOO_LARGE": CodeInfo("provider", "The response is larger than allowed.", "Ask for less, or raise the limit."),
    "NET_REDIRECT": CodeInfo(
        "provider", "Redirected too often, from https to http, or to no URL.", "Request the final URL itself."
    ),
    # steps
    "HTTP_CONFIG": CodeInfo("author", "The configuration of an HTTP step cannot be used.", "Correct the key named."),
    "HTTP_STATUS": CodeInfo(
        "provider",
        "The service answered with a status that the step does not expect.",
        "Read the answer; add the status to expected_status if it is fine.",
    ),
    "HTTP_BODY": CodeInfo("provider", "The service's answer is not what its content type says.", "Check the service."),
    "LLM_CONFIG": CodeInfo("author", "The configuration of a model step cannot be used.", "Correct the key named."),
    "LLM_ANSWER": CodeInfo("provider", "The model's provider did not answer with text.", "Correct the provider."),
    # human
    "TASK_NOT_FOUND": CodeInfo("caller", "There is no human task with this id.", "List the open tasks: `worktrail tasks list`."),
    "TASK_NOT_OPEN": CodeInfo(
        "caller", "The task has ended or its time is over; a task is decided at most once.", "Look at the task for how it ended."
    ),
    "TASK_VERSION": CodeInfo("caller", "The task changed since it was read.", "Read it again, then decide."),
    "DECISION_INVALID": CodeInfo(
        "caller", "The decision does not fit the task.", "Correct it at the pointer shown; the task is still open."
    ),
    # app
    "PROJECT_NOT_FOUND": CodeInfo("caller", "There is no project file here.", "Name a folder or file with `--project`."),
    "PROJECT_INVALID": CodeInfo(
        "author", "The project file has a mistake.", "Correct `worktrail.toml` at the pointer shown (docs/project-file.md)."
    ),
    "PROJECT_NAME": CodeInfo("caller", "The name cannot be a project's.", "Use a letter, then letters, digits, `-` or `_`."),
    "PROJECT_EXISTS": CodeInfo("caller", "The folder is there already and is not empty.", "Use another name."),
    "DATABASE_NOT_FOUND": CodeInfo("caller", "There is no database file here.", "Name it with `--db`, or run something first."),
    "SEGMENT_NOT_FOUND": CodeInfo("caller", "There is no segment of this id.", "Name a file, or a segment of the project."),
    "SEGMENT_TWICE": CodeInfo("author", "Two files hold a segment of the same id.", "Give one of them another `segment_id`."),
    "ENVIRONMENT_MISSING": CodeInfo("caller", "An environment variable is not set.", "Set it, then try again."),
    "APP_NOT_FOUND": CodeInfo("caller", "The app module that was named is not there.", "Check the name and the folder."),
    "APP_MODULE": CodeInfo("author", "The app module cannot be used.", "Correct it at the place shown."),
    "STEP_INPUT_INVALID": CodeInfo(
        "author", "A step got a value that its annotation refuses.", "Correct the value, or the function's annotation."
    ),
    "INPUT_NOT_FOUND": CodeInfo("caller", "There is no file of rows here.", "Check the path after `--input`."),
    "INPUT_FILE": CodeInfo("caller", "The input cannot be read as rows.", "Correct the file; see docs/cli.md for its forms."),
    "OUTPUT_FILE": CodeInfo("caller", "A file cannot be written.", "Check its folder and rights."),
    "ARGUMENT_INVALID": CodeInfo("caller", "An argument of a command cannot be read.", "Correct it; see the command's `--help`."),
    "BUSINESS_KEY": CodeInfo("caller", "The business key of a row is no text.", "Correct the expression or the row."),
    "ROW_SYNTAX": CodeInfo("caller", "A row cannot be read.", "Correct the line; the other rows ran."),
    "ROW_CELLS": CodeInfo("caller", "A row has more or fewer cells than the header.", "Correct the line; the other rows ran."),
    "ROW_CELL": CodeInfo("caller", "A cell is not what `input_schema` asks for.", "Correct the cell; the other rows ran."),
    "VISIT_NOT_RETRYABLE": CodeInfo(
        "caller",
        "The visit cannot be tried again: it did not stop, or its failure is final in its run.",
        "Read the message: it says what can be done instead.",
    ),
    "VERSION_EXISTS": CodeInfo(
        "caller", "This version is published with another content, and a version never changes.", "Publish under a new version."
    ),
    "IDEMPOTENCY_CONFLICT": CodeInfo(
        "caller",
        "The idempotency key was used for another request.",
        "Repeat the very same request, or use another key for this one.",
    ),
    "KEY_INVALID": CodeInfo("caller", "A key cannot be made like this.", "Correct what the message names."),
    # web
    "UNAUTHENTICATED": CodeInfo(
        "caller",
        "Nobody is logged in, or the key or session does not hold any more.",
        "Log in, or send `Authorization: Bearer wtk_…`.",
    ),
    "FORBIDDEN": CodeInfo(
        "caller", "The key has no right to do this.", "Ask an administrator for a key with the right that the message names."
    ),
    "CROSS_SITE": CodeInfo(
        "caller", "Another site's page sent this, so it was refused.", "Send it from our own page, or with a key in a header."
    ),
    "HOST_REFUSED": CodeInfo(
        "caller",
        "The `Host` header names no address of this server.",
        "Use the address that the server printed; more with `--name`.",
    ),
    "REQUEST_INVALID": CodeInfo(
        "caller", "The request cannot be read.", "Correct it at the pointer shown; see /api/v1/openapi.json."
    ),
    "METHOD_NOT_ALLOWED": CodeInfo("caller", "This address does not take this method.", "See /api/v1/openapi.json."),
    "TOO_LARGE": CodeInfo("caller", "The body is larger than allowed.", "Send less, or in parts."),
    "TOO_MANY": CodeInfo("caller", "More at a time than allowed.", "Wait as long as `Retry-After` says, then try again."),
    "SERVE_ADDRESS": CodeInfo("caller", "The server cannot listen there.", "Use another host, or another port with `--port`."),
    "INTERNAL": CodeInfo(
        "ours", "The server met an error of its own.", "Please report it with the message; nothing was changed."
    ),
}
