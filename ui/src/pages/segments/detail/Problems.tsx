import { EmptyState } from "~/components/feedback";
import { Mark } from "~/components/state";
import { useT } from "~/i18n";
import type { Segment } from "../data";
import style from "./segment.module.css";

/** What validation says: what is the case, what to do, the code, the place. */
export function Problems({ segment }: { segment: Segment }) {
  const t = useT();
  if (segment.problem_list.length === 0) return <EmptyState>{t("segments.problems.none")}</EmptyState>;
  return (
    <ul className={style.problems}>
      {segment.problem_list.map((one, at) => {
        const wrong = one.severity === "error";
        return (
          <li key={at}>
            <Mark state={wrong ? "failed" : "note"} />
            <div>
              <p>
                <b>{t(wrong ? "segments.severity.error" : one.severity === "warning" ? "segments.severity.warning" : "segments.severity.hint")}</b> {String(one.message ?? "")}
              </p>
              {one.hint ? <p>{String(one.hint)}</p> : null}
              <p className="secondary">
                <code>{String(one.code ?? "")}</code> <code>{String(one.pointer ?? "")}</code>
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
