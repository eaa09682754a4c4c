import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";

/** A placeholder: says what will stand here. */
export function Segments() {
  const t = useT();
  return (
    <Page title={t("segments.title")}>
      <div style={{ padding: "0 20px" }}>
        <EmptyState>{t("segments.placeholder")}</EmptyState>
      </div>
    </Page>
  );
}
