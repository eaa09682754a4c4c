import { Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMe } from "~/api";
import { Icon } from "~/components/basics";
import { useT } from "~/i18n";
import { useWorkspace, WorkspaceButton } from "./Workspace";

/** The workspaces to choose from, opened: mounted when it is asked for the first time. */
export default function WorkspaceMenu() {
  const t = useT();
  const chosen = useWorkspace();
  const navigate = useNavigate();
  const choose = (ws: string | undefined) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, ws }) as never });
  return (
    <Menu defaultOpened position="bottom-start" width={220}>
      <Menu.Target>
        <WorkspaceButton />
      </Menu.Target>
      <Menu.Dropdown>
        {[undefined, ...useMe().workspaces].map((one) => (
          <Menu.Item key={one ?? ""} onClick={() => choose(one)} aria-current={one === chosen} rightSection={one === chosen && <Icon name="check" size={14} />}>
            {one ?? t("shell.workspace.all")}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
