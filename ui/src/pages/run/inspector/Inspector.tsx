// The inspector: one visit whole, in the order in which one asks about it.
import { ActionIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Icon } from "~/components/basics";
import { ErrorBlock, Skeleton } from "~/components/feedback";
import { Mark } from "~/components/state";
import { useT } from "~/i18n";
import type { Visit } from "~/run/model";
import { stateOf } from "~/run/states";
import { toast } from "~/shell/notices";
import type { Dialog } from "../actions/dialogs";
import { useRun, useShown, useView } from "../data/context";
import { visitQuery } from "../data/queries";
import { Attempts, Caused, Failed, Policy, Values, Why } from "./Sections";
import { VisitSentence } from "./VisitSentence";
import { conditionOf } from "../timeline/words";
import style from "./inspector.module.css";

/** `onClose` is left out where what is around it can be closed. */
export function Inspector({ ask, onClose }: { ask: (dialog: Dialog) => void; onClose?: () => void }) {
  const t = useT();
  const { chosen, store } = useRun();
  const view = useView();
  const visit = chosen === null ? undefined : view.visits.get(chosen);
  const step = chosen === null ? undefined : store.plan.steps.get(visit?.path ?? chosen)?.step;
  if (chosen === null || (!visit && !step)) return <p className={style.none}>{t("run.inspector.none")}</p>;
  return (
    <div className={style.inspector}>
      <header className={style.head}>
        <Mark state={visit ? stateOf(visit, view.run.paused) : "scheduled"} />
        <h2 className="truncate">
          <code>{chosen}</code>
        </h2>
        <code className="muted truncate">{step?.step_type ?? ""}</code>
        <span className={style.tools}>
          <ActionIcon aria-label={t("run.copyLink")} onClick={() => void navigator.clipboard.writeText(location.href).then(() => toast({ text: t("words.copied") }))}>
            <Icon name="link" />
          </ActionIcon>
          {onClose && (
            <ActionIcon aria-label={t("run.inspector.close")} onClick={onClose}>
              <Icon name="x" />
            </ActionIcon>
          )}
        </span>
      </header>
      {step?.name && <p className="muted">{step.name}</p>}
      {visit ? <OfVisit visit={visit} ask={ask} /> : <p className={style.said}>{conditionOf(view, chosen, t)}</p>}
    </div>
  );
}

function OfVisit({ visit, ask }: { visit: Visit; ask: (dialog: Dialog) => void }) {
  const t = useT();
  const { runId } = useRun();
  const view = useView();
  const event = useShown((shown) => shown.event);
  const query = useQuery(visitQuery(runId, visit.id, event, visit.lastSeq));
  const detail = query.data;
  const failure = useMemo(() => visit.error ?? detail?.error ?? null, [visit.error, detail]);
  return (
    <>
      <VisitSentence visit={visit} ask={ask} />
      {failure !== null && <Failed failure={failure} visit={visit} />}
      <Attempts visit={visit} />
      <Why visit={visit} view={view} detail={detail} />
      <Caused visit={visit} view={view} />
      {query.isError && !detail && <ErrorBlock error={query.error} title={t("run.inspector.failed")} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={4} columns={["1fr"]} height={22} />}
      {detail && <Values visit={visit} detail={detail} />}
      <Policy visit={visit} detail={detail} />
    </>
  );
}
