"""``worktrail keys …``: keys for programs and for logging in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worktrail.cli.options import Database, Json, ProjectFile
from worktrail.cli.output import ago, print_json, print_table, say, warn

if TYPE_CHECKING:
    from worktrail.app import Caller

__all__ = ["COMMANDS"]

Tenant = Annotated[str, typer.Option("--tenant", metavar="ID", help="The tenant the keys are of.")]


def _caller(project: Path | None, database: Path | None, tenant: str) -> Caller:
    """The user of this command at the database. The project's own is made where there is none, because keys come before the first
    run; one that is named must be there, because a name may be mistyped."""
    from worktrail.app import Caller, os_principal, wire

    wiring = wire(project, database=database, with_app=False, tenant_id=tenant)
    if database is not None:
        wiring.must_exist()
    return Caller(wiring.store, os_principal(tenant_id=tenant))


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is; `key:NAME` stands in trails.")],
    permission: Annotated[
        list[str] | None,
        typer.Option(
            "--permission", metavar="RIGHT", help="view, run, decide, edit, publish, admin; again for more. Default: view."
        ),
    ] = None,
    workspace: Annotated[
        list[str] | None, typer.Option("--workspace", metavar="ID", help="Only this workspace; again for more. Default: all.")
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, max=3660, help="How long it holds. Default: for ever.")
    ] = None,
    tenant: Tenant = "default",
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Make a key. Its secret is printed once and kept nowhere.

    \b
      worktrail keys create anna --permission view --permission decide
      worktrail keys create ci --permission run --days 90 --json
    """
    from worktrail.app import create_key

    seconds = None if days is None else days * 86_400
    key = create_key(_caller(project, database, tenant), name, permission or ["view"], workspaces=workspace, expires_in_s=seconds)
    if as_json:
        print_json(key)
        return
    say(key["secret"])
    warn(f"key {key['key_id']} of {key['name']}: {', '.join(key['permissions'])}. This is the only time it is shown.")


def list_(tenant: Tenant = "default", database: Database = None, project: ProjectFile = None, as_json: Json = False) -> None:
    """List the keys, newest first, revoked ones too.

    \b
      worktrail keys list
    """
    from worktrail.app import list_keys

    found = list_keys(_caller(project, database, tenant))
    if as_json:
        print_json(found)
        return
    rows = [
        (
            each["key_id"],
            each["name"],
            ", ".join(each["permissions"]),
            "all" if each["workspaces"] is None else ", ".join(each["workspaces"]),
            ago(each["last_used_at"]),
            "revoked" if each["revoked_at"] else ago(each["expires_at"]),
        )
        for each in found["keys"]
    ]
    print_table(["key", "name", "rights", "workspaces", "used", "ends"], rows, empty="no keys")


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The key's id.")],
    tenant: Tenant = "default",
    database: Database = None,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Revoke a key: it, and every browser logged in with it, is refused from now on.

    \b
      worktrail keys revoke 3f9a0c12b4d5
    """
    from worktrail.app import revoke_key

    key = revoke_key(_caller(project, database, tenant), key_id)
    if as_json:
        print_json(key)
        return
    say(f"key {key_id} of {key['name']} is revoked")


COMMANDS: dict[str, Callable[..., None]] = {"create": create, "list": list_, "revoke": revoke}
