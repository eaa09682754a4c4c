import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";

/** A placeholder: says what will stand here. */
export function Activity() {
  const t = useT();
  return (
    <Page title={t("activity.title")}>
      <div style={{ padding: "0 20px" }}>
        <EmptyState>{t("activity.placeholder")}</EmptyState>
      </div>
    </Page>
  );
}
