import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";

/** A placeholder: says what will stand here. */
export function Inbox() {
  const t = useT();
  return (
    <Page title={t("inbox.title")}>
      <div style={{ padding: "0 20px" }}>
        <EmptyState>{t("inbox.placeholder")}</EmptyState>
      </div>
    </Page>
  );
}
