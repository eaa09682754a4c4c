import type { components } from "#schema";
import { Section } from "~/components/basics";
import { useT } from "~/i18n";
import style from "../start.module.css";

export type Report = components["schemas"]["BatchReport"];

/** The rows that cannot become runs: where, why, what to do. */
export function BadRows({ report }: { report: Report }) {
  const t = useT();
  const note = report.skipped > report.bad_rows.length ? t("start.bad.first", { count: report.bad_rows.length }) : undefined;
  return (
    <Section title={t("start.bad")} count={report.skipped} note={note}>
      <div className={style.scrolled} tabIndex={0} role="group" aria-label={t("start.bad")}>
        <table className={style.table}>
          <thead>
            <tr>
              <th scope="col" data-number>
                {t("start.bad.row")}
              </th>
              <th scope="col" data-number>
                {t("start.bad.line")}
              </th>
              <th scope="col">{t("start.bad.why")}</th>
              <th scope="col">{t("start.bad.code")}</th>
            </tr>
          </thead>
          <tbody>
            {report.bad_rows.map((one, at) => (
              <tr key={at}>
                <td data-number>{String(one.row ?? "")}</td>
                <td data-number>{String(one.line ?? "")}</td>
                <td>
                  {String(one.message ?? "")} {one.hint ? <span className="muted">{String(one.hint)}</span> : null}
                </td>
                <td>
                  <code>{String(one.code ?? "")}</code> {one.pointer ? <code className="muted">{String(one.pointer)}</code> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
