import { JsonView } from "~/components/data";
import { useT } from "~/i18n";
import type { Segment } from "../data";

export function Definition({ segment }: { segment: Segment }) {
  const t = useT();
  return <JsonView value={segment.definition} label={t("segments.tab.definition")} />;
}
