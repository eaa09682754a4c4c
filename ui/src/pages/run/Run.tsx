import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";

/** A placeholder: says what will stand here. */
export function Run() {
  const t = useT();
  return (
    <Page title={t("run.title")}>
      <div style={{ padding: "0 20px" }}>
        <EmptyState>{t("run.placeholder")}</EmptyState>
      </div>
    </Page>
  );
}
