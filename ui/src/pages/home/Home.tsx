import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import { Page } from "~/shell";

/** A placeholder: says what will stand here. */
export function Home() {
  const t = useT();
  return (
    <Page title={t("home.title")}>
      <div style={{ padding: "0 20px" }}>
        <EmptyState>{t("home.placeholder")}</EmptyState>
      </div>
    </Page>
  );
}
