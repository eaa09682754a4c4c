import { Menu, UnstyledButton } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMe } from "~/api";
import { Icon } from "~/components/basics";
import { useT } from "~/i18n";
import style from "../shell.module.css";

/** The chosen workspace; undefined: all that one may see. */
export function useWorkspace(): string | undefined {
  const { ws } = useSearch({ strict: false }) as { ws?: string };
  return useMe().workspaces.find((one) => one === ws);
}

/** Tenant and workspace; a menu where there is a choice. */
export function Workspace() {
  const t = useT();
  const { tenant_id: tenant, workspaces } = useMe();
  const chosen = useWorkspace();
  const navigate = useNavigate();
  const choose = (ws: string | undefined) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, ws }) as never });
  const label = (
    <>
      <b className="truncate">{tenant}</b>
      <span className="truncate muted">
        {"/ "}
        {chosen ?? (workspaces.length > 1 ? t("shell.workspace.short") : workspaces[0])}
      </span>
    </>
  );
  if (workspaces.length < 2) return <div className={style.workspace}>{label}</div>;
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <UnstyledButton className={style.workspace} aria-label={`${t("shell.workspace")}: ${chosen ?? t("shell.workspace.all")}`}>
          {label}
          <Icon name="updown" size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {[undefined, ...workspaces].map((one) => (
          <Menu.Item key={one ?? ""} onClick={() => choose(one)} aria-current={one === chosen} rightSection={one === chosen && <Icon name="check" size={14} />}>
            {one ?? t("shell.workspace.all")}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
