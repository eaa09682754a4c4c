import { UnstyledButton } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { type ComponentProps, lazy, Suspense, useState } from "react";
import { useMe } from "~/api";
import { Icon } from "~/components/basics";
import { useT } from "~/i18n";
import style from "../shell.module.css";

const Choice = lazy(() => import("./WorkspaceMenu"));

/** The chosen workspace; undefined: all that one may see. */
export function useWorkspace(): string | undefined {
  const { ws } = useSearch({ strict: false }) as { ws?: string };
  return useMe().workspaces.find((one) => one === ws);
}

function Label() {
  const t = useT();
  const { tenant_id: tenant, workspaces } = useMe();
  const all = workspaces.length > 1 ? t("shell.workspace.short") : workspaces[0];
  const chosen = useWorkspace();
  return (
    <>
      <b className="truncate">{tenant}</b>
      <span className="truncate muted">{`/ ${chosen ?? all}`}</span>
    </>
  );
}

export function WorkspaceButton(props: Omit<ComponentProps<"button">, "children" | "className">) {
  const t = useT();
  const chosen = useWorkspace() ?? t("shell.workspace.all");
  return (
    <UnstyledButton {...props} className={style.workspace} aria-label={`${t("shell.workspace")}: ${chosen}`}>
      <Label />
      <Icon name="updown" size={14} />
    </UnstyledButton>
  );
}

/** Tenant and workspace; a menu where there is a choice, loaded when it is asked for. */
export function Workspace() {
  const choice = useMe().workspaces.length > 1;
  const [wanted, setWanted] = useState(false);
  if (!choice) {
    return (
      <div className={style.workspace}>
        <Label />
      </div>
    );
  }
  const button = <WorkspaceButton onClick={() => setWanted(true)} />;
  return wanted ? (
    <Suspense fallback={button}>
      <Choice />
    </Suspense>
  ) : (
    button
  );
}
