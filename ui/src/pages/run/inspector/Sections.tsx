// The sections of the inspector. One without content is left out, except the output.
import { type ReactNode, useMemo } from "react";
import { At, Facts } from "~/components/basics";
import { JsonView } from "~/components/data";
import { Mark, type State } from "~/components/state";
import { format, type Key, Say, useT } from "~/i18n";
import type { Failure, GraphEdge, RunView, Stretch, Visit } from "~/run/model";
import { attemptLimit, attemptsOf, type EdgeFate, fateOf, stateOf } from "~/run/states";
import { useRun, useView } from "../data/context";
import type { VisitDetail } from "../data/queries";
import style from "./inspector.module.css";

function Part({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={style.part}>
      <h3>
        {title}
        {aside !== undefined && <span className={style.aside}>{aside}</span>}
      </h3>
      {children}
    </section>
  );
}

export function Failed({ failure, visit }: { failure: Pick<Failure, "error_code" | "error_message"> & { hint?: string | null }; visit: Visit }) {
  const t = useT();
  return (
    <Part title={t("run.part.error")} aside={<code>{failure.error_code}</code>}>
      <div className={style.failure} data-state={visit.status === "failed" ? "failed" : "other"}>
        <p>
          <b>{format.sentence(failure.error_message) || failure.error_code}</b>
        </p>
        {failure.hint && <p>{format.sentence(failure.hint)}</p>}
      </div>
    </Part>
  );
}

const ENDS: Readonly<Record<NonNullable<Stretch["end"]>, State>> = { completed: "completed", failed: "failed", timed_out: "failed", interrupted: "retrying", cancelled: "cancelled" };

export function Attempts({ visit }: { visit: Visit }) {
  const t = useT();
  const view = useView();
  const attempts = attemptsOf(visit);
  if (attempts.length < 2 && attempts[0]?.error === null) return null;
  if (attempts.length === 0 || visit.kind === "inline") return null;
  const limit = attemptLimit(view, visit);
  return (
    <Part title={t("run.part.attempts")} aside={limit === null ? String(attempts.length) : t("run.ofLimit", { count: attempts.length, limit })}>
      <ol className={style.attempts} reversed>
        {[...attempts].reverse().map((attempt) => (
          <li key={attempt.attempt}>
            <span className="muted">{attempt.attempt}</span>
            <Mark state={attempt.end === null ? "running" : ENDS[attempt.end]} size={12} />
            <span className="truncate" title={attempt.error?.error_message}>
              {attempt.end === "failed" ? (attempt.error?.error_code ?? t("run.end.failed")) : t(`run.end.${attempt.end ?? "running"}`)}
            </span>
            <At time={attempt.from} seconds />
            <span className={style.right}>{attempt.to === null ? "" : format.duration(attempt.to - attempt.from)}</span>
          </li>
        ))}
      </ol>
    </Part>
  );
}

const TITLES: Readonly<Partial<Record<State, Key>>> = { skipped: "run.part.whySkipped", cancelled: "run.part.whyCancelled", completed: "run.part.whyRan", failed: "run.part.whyRan" };

/** The rule, its sentence, and the inbound edges with their fates. */
export function Why({ visit, view, detail }: { visit: Visit; view: RunView; detail: VisitDetail | undefined }) {
  const t = useT();
  const into = view.plan.steps.get(visit.path)?.into ?? [];
  const rule = visit.status === "skipped" || visit.status === "cancelled" ? visit.endRule : (visit.rule ?? (visit.scheduledAt === null ? null : "R2"));
  const sentence = rule === null ? null : sentenceOf(rule, visit, into, detail?.cause.sentence);
  if (into.length === 0 && sentence === null) return null;
  return (
    <Part title={t(TITLES[stateOf(visit)] ?? "run.part.whyRuns")} aside={rule === null ? undefined : <Say k="run.rule" values={{ rule }} />}>
      {sentence !== null && <p className={style.text}>{"key" in sentence ? t(sentence.key, sentence.values) : sentence.text}</p>}
      <EdgeList edges={into} scope={visit.scope} side="into" cause={visit.cause} counted={visit.counted} />
    </Part>
  );
}

type Sentence = { key: Key; values: Record<string, string | number> } | { text: string };
const KNOWN = new Set(["R2", "R3", "R8", "R9", "R10", "R11"]);

/** The rule in the language of the page; of a rule that it does not know, the server's own sentence. */
function sentenceOf(rule: string, visit: Visit, into: readonly GraphEdge[], own: string | undefined): Sentence | null {
  if (!KNOWN.has(rule)) return own ? { text: own } : null;
  const state = visit.status === "skipped" || visit.status === "cancelled" ? visit.status : "ran";
  const key = `run.why.${rule}.${state}` as Key;
  const entry = into.length === 0 && rule === "R2" && state === "ran" ? "run.why.entry" : key;
  return { key: entry as Key, values: { count: visit.counted?.length ?? 0, unmet: String(visit.unmet), total: into.length } };
}

export function Caused({ visit, view }: { visit: Visit; view: RunView }) {
  const t = useT();
  const out = view.plan.steps.get(visit.path)?.out ?? [];
  if (out.length === 0 || view.open.has(visit.id)) return null;
  return (
    <Part title={t("run.part.caused")}>
      <EdgeList edges={out} scope={visit.scope} side="out" cause={null} counted={null} />
    </Part>
  );
}

const FATE_MARK: Readonly<Record<EdgeFate, State>> = {
  delivered: "completed", delivering: "running", late: "waiting", dead: "skipped", false: "skipped", failed: "failed", asked: "incident", waiting: "scheduled", unreached: "scheduled",
};

function EdgeList({ edges, scope, side, cause, counted }: { edges: readonly GraphEdge[]; scope: string; side: "into" | "out"; cause: number | null; counted: readonly number[] | null }) {
  const t = useT();
  const view = useView();
  const { choose } = useRun();
  return (
    <ul className={style.edges}>
      {edges.map((edge) => {
        const fate = fateOf(view, scope, edge);
        const step = side === "into" ? edge.source_step : edge.target_step;
        const port = edge.source_port;
        const visit = scope ? `${scope}/${step}` : step;
        const other = view.visits.get(visit);
        return (
          <li key={edge.number}>
            <Mark state={FATE_MARK[fate]} size={12} />
            <button type="button" className={style.edge} onClick={() => choose(visit)}>
              <code>{side === "into" ? `${step}.${port}` : port === "output" ? step : `${port} → ${step}`}</code>
            </button>
            <span className={style.fate}>
              {side === "out" && other ? t("run.edge.out", { fate: t(`run.fate.${fate}`), state: t(`words.state.${stateOf(other, view.run.paused)}`) }) : t(`run.fate.${fate}`)}
              {side === "into" && other?.endedAt && fate === "delivered" ? <> <At time={other.endedAt} seconds /></> : null}
              {edge.number === cause ? `, ${t("run.firstDead")}` : ""}
              {counted?.includes(edge.number) ? `, ${t("run.counted")}` : ""}
            </span>
            {edge.condition && (
              <code className={style.condition}>
                {edge.condition}
              </code>
            )}
          </li>
        );
      })}
    </ul>
  );
}

export function Values({ visit, detail }: { visit: Visit; detail: VisitDetail }) {
  const t = useT();
  const inputs = useMemo(() => single(detail.inputs), [detail.inputs]);
  const outputs = useMemo(() => (detail.outputs ? single(detail.outputs) : null), [detail.outputs]);
  const open = visit.endedAt === null;
  return (
    <>
      {inputs && (
        <Part title={t("run.part.input")} aside={inputs.port === null ? undefined : <Say k="run.port" values={{ port: inputs.port }} />}>
          <JsonView value={inputs.value} label={t("run.part.input")} />
        </Part>
      )}
      <Part title={t("run.part.output")} aside={outputs?.port ? <Say k="run.port" values={{ port: outputs.port }} /> : undefined}>
        {outputs ? <JsonView value={outputs.value} label={t("run.part.output")} /> : <p className={style.text}>{t(open ? "run.output.notYet" : "run.output.none")}</p>}
      </Part>
    </>
  );
}

/** A single port is shown by its value, with its name beside it. */
function single(ports: Record<string, unknown>): { port: string | null; value: unknown } | null {
  const names = Object.keys(ports);
  if (names.length === 0) return null;
  const [only] = names;
  return names.length === 1 && only !== undefined ? { port: only, value: ports[only] } : { port: null, value: ports };
}

export function Policy({ visit, detail }: { visit: Visit; detail: VisitDetail | undefined }) {
  const t = useT();
  const { store } = useRun();
  const step = store.plan.steps.get(visit.path)?.step;
  const policy = (detail?.policy ?? step?.policy ?? {}) as Record<string, unknown>;
  const seconds = (value: unknown) => (typeof value === "number" ? format.duration(value * 1000) : null);
  const error = policy["on_error"];
  const facts = [
    { label: t("run.policy.effect"), value: step?.effect ?? null },
    { label: t("run.policy.timeout"), value: seconds(policy["timeout_s"]) },
    { label: t("run.policy.deadline"), value: seconds(policy["deadline_s"]) },
    { label: t("run.policy.onError"), value: error === undefined || error === null ? null : <code>{typeof error === "string" ? error : JSON.stringify(error)}</code> },
    { label: t("run.policy.key"), value: detail?.idempotency_key ? <code>{detail.idempotency_key}</code> : null },
    { label: t("run.policy.child"), value: visit.child === null ? null : <code>{visit.child}</code> },
  ];
  const config = detail?.config ?? step?.config;
  return (
    <Part title={t("run.part.policy")}>
      <Facts facts={facts} stacked />
      {config && Object.keys(config).length > 0 && <Config config={config} />}
    </Part>
  );
}

function Config({ config }: { config: Readonly<Record<string, unknown>> }) {
  const t = useT();
  return (
    <details className={style.config}>
      <summary>{t("run.part.config")}</summary>
      <JsonView value={config} label={t("run.part.config")} />
    </details>
  );
}
