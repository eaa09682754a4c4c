import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";

/** A placeholder: says what will stand here. */
export function Start() {
  const t = useT();
  return (
    <Page title={t("start.title")}>
      <div style={{ padding: "0 20px" }}>
        <EmptyState>{t("start.placeholder")}</EmptyState>
      </div>
    </Page>
  );
}
