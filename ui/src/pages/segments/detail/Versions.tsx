import { Link } from "@tanstack/react-router";
import { At } from "~/components/basics";
import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import type { Segment } from "../data";
import style from "./segment.module.css";

/** What was published, newest first. */
export function Versions({ segment }: { segment: Segment }) {
  const t = useT();
  if (segment.versions.length === 0) return <EmptyState>{t("segments.versions.none")}</EmptyState>;
  return (
    <div className={style.scrolled} tabIndex={0} role="group" aria-label={t("segments.tab.versions")}>
      <table className={style.table}>
        <thead>
          <tr>
            <th scope="col">{t("segments.col.version")}</th>
            <th scope="col">{t("segments.versions.at")}</th>
            <th scope="col">{t("segments.versions.by")}</th>
            <th scope="col">{t("segments.hash")}</th>
            <th scope="col">{t("segments.versions.notes")}</th>
          </tr>
        </thead>
        <tbody>
          {segment.versions.map((one) => (
            <tr key={one.version}>
              <td>
                <Link to="/segments/$segmentId" params={{ segmentId: segment.segment_id }} search={{ version: one.version, tab: "versions" }}>
                  {one.version}
                </Link>
              </td>
              <td>
                <At time={one.published_at} />
              </td>
              <td>{one.published_by}</td>
              <td>
                <code>{one.segment_hash.slice(0, 19)}</code>
              </td>
              <td>{one.notes}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
