import { Menu, UnstyledButton } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMe } from "~/api";
import { Icon } from "~/components/basics";
import { useT } from "~/i18n";
import style from "../shell.module.css";

/** The chosen workspace: its id (undefined: all) and its name. */
export function useWorkspace(): { id: string | undefined; name: string | undefined } {
  const { ws } = useSearch({ strict: false }) as { ws?: string };
  const found = useMe().workspaces.find(({ id }) => id === ws);
  return { id: found?.id, name: found?.name };
}

/** Tenant and workspace; a menu where there is a choice. */
export function Workspace() {
  const t = useT();
  const { tenant, workspaces } = useMe();
  const { id, name } = useWorkspace();
  const navigate = useNavigate();
  const choose = (ws: string | undefined) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, ws }) as never });
  const label = (
    <>
      <b className="truncate">{tenant.name}</b>
      <span className="truncate muted">
        {"/ "}
        {name ?? t("shell.workspace.short")}
      </span>
    </>
  );
  if (workspaces.length < 2) return <div className={style.workspace}>{label}</div>;
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <UnstyledButton className={style.workspace} aria-label={`${t("shell.workspace")}: ${name ?? t("shell.workspace.all")}`}>
          {label}
          <Icon name="updown" size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {[{ id: undefined, name: t("shell.workspace.all") }, ...workspaces].map((one) => (
          <Menu.Item key={one.id ?? ""} onClick={() => choose(one.id)} aria-current={one.id === id} rightSection={one.id === id && <Icon name="check" size={14} />}>
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
