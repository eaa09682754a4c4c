import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";

/** A placeholder: says what will stand here. */
export function Runs() {
  const t = useT();
  return (
    <Page title={t("runs.title")}>
      <div style={{ padding: "0 20px" }}>
        <EmptyState>{t("runs.placeholder")}</EmptyState>
      </div>
    </Page>
  );
}
