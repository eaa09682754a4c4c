import { ActionIcon } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { Icon } from "~/components/basics";
import { useT } from "~/i18n";
import { Foot } from "./sidebar/Foot";
import { useNarrow } from "./layout";
import { openGoTo } from "./Shell";
import style from "./shell.module.css";

interface Props {
  title: string;
  /** Muted, beside the title: where one is. */
  scope?: ReactNode;
  /** At the right of the bar. */
  actions?: ReactNode;
  /** The page brings its own head: the bar is left out where there is room (it stays on narrow pages). */
  ownHead?: boolean;
  children: ReactNode;
}

/** The main area of a page: its 48 bar with title, scope and actions, over the content, which scrolls. */
export function Page({ title, scope, actions, ownHead = false, children }: Props) {
  const t = useT();
  const narrow = useNarrow();
  useEffect(() => {
    document.title = `${title} · Worktrail`;
  }, [title]);
  return (
    <>
      {(!ownHead || narrow) && (
        <header className={style.bar}>
          <h1 className="truncate">{title}</h1>
          {scope !== undefined && <span className={`muted truncate ${style.scope ?? ""}`}>{scope}</span>}
          <span className={style.barActions}>
            {actions}
            {narrow && (
              <>
                <Foot />
                <ActionIcon aria-label={t("shell.goto")} onClick={openGoTo}>
                  <Icon name="search" />
                </ActionIcon>
              </>
            )}
          </span>
        </header>
      )}
      <div className={style.content} data-live>
        {children}
      </div>
    </>
  );
}
