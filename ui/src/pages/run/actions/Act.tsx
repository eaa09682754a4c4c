// A button that writes. Without the right, or while the stream is lost, or in the past, it stays in its place and says why.
import { Button, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { useCan, useMe } from "~/api";
import { Icon, Kbd } from "~/components/basics";
import { useT } from "~/i18n";
import { useLost } from "~/shell";
import { useShown } from "../data/context";
import style from "./actions.module.css";

interface Props {
  right: "run" | "decide";
  icon?: string;
  /** The shortcut that does the same. */
  keys?: string;
  filled?: boolean;
  danger?: boolean;
  /** The wish was sent and its event has not come yet. */
  sent?: boolean;
  /** Another reason why not. */
  refused?: string | null;
  onClick: () => void;
  children: ReactNode;
}

/** Why a wish cannot be made now; null: it can. */
export function useRefusal(right: "run" | "decide"): string | null {
  const t = useT();
  const me = useMe();
  const can = useCan(right);
  const lost = useLost();
  const travelling = useShown((shown) => shown.event !== null);
  if (!can) return t("run.needs", { right, workspace: me.active_workspace });
  if (lost) return t("run.lost");
  return travelling ? t("run.past") : null;
}

export function Act({ right, icon, keys, filled = false, danger = false, sent = false, refused = null, onClick, children }: Props) {
  const t = useT();
  const why = useRefusal(right) ?? refused;
  const off = why !== null || sent;
  const button = (
    <Button
      variant={filled && !off ? "filled" : "default"}
      {...(danger ? { color: "danger" } : {})}
      leftSection={sent ? <span className={style.sent} aria-hidden="true" /> : icon ? <Icon name={icon} /> : undefined}
      rightSection={keys && !off ? <Kbd keys={keys} /> : undefined}
      {...(off ? { "data-disabled": true } : {})}
      aria-disabled={off}
      onClick={() => (off ? undefined : onClick())}
    >
      {children}
      {sent && <span className="visually-hidden">{t("run.sent")}</span>}
    </Button>
  );
  return off ? (
    <Tooltip label={why ?? t("run.sent")} events={{ hover: true, focus: true, touch: true }}>
      {button}
    </Tooltip>
  ) : (
    button
  );
}
