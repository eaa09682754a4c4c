import { Link, useLocation } from "@tanstack/react-router";
import { EmptyState, ErrorBlock } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "./Page";
import style from "./shell.module.css";

export function NotFound() {
  const t = useT();
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <Page title={t("shell.notFound.title")}>
      <div className={style.inner}>
        <EmptyState action={<Link to="/">{t("shell.notFound.action")}</Link>}>{t("shell.notFound.text", { path })}</EmptyState>
      </div>
    </Page>
  );
}

export function PageCrash({ error, reset }: { error: unknown; reset: () => void }) {
  const t = useT();
  return (
    <Page title={t("shell.crash.title")}>
      <div className={style.inner}>
        <ErrorBlock error={error} title={t("shell.crash.title")} onRetry={reset} />
      </div>
    </Page>
  );
}
