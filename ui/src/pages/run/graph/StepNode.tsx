// A step of the run's graph: mark, id, one fact; band and border by state. It reads its own state, so that an event draws one node.
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useNow } from "~/components/basics/Clock";
import { Mark } from "~/components/state";
import { format, type Translate, useT } from "~/i18n";
import { type Fact, nodeState } from "~/run/graph/overlay";
import { useShown, useTrail } from "../data/context";
import style from "./graph.module.css";

export interface StepData extends Record<string, unknown> {
  path: string;
  scope: string;
  into: number;
  out: number;
}

export type StepNodeType = Node<StepData, "step">;

/** What a node depends on, as one text: equal texts mean that nothing is to be drawn again. */
function useNode(path: string, scope: string) {
  const store = useTrail();
  const id = scope ? `${scope}/${store.plan.steps.get(path)?.step.step_id ?? ""}` : path;
  const visit = useShown((shown) => shown.view.visits.get(id));
  const paused = useShown((shown) => shown.view.run.paused);
  const left = useShown((shown) => (shown.view.visits.has(id) ? 0 : waitsFor(shown.view.edges.get(scope), store.plan.steps.get(path)?.into ?? [])));
  void [visit, paused, left]; // these three decide; the rest is worked out from what is shown
  return nodeState(store.shown.view, path, scope);
}

function waitsFor(fates: readonly string[] | undefined, into: readonly { number: number }[]): number {
  return into.filter((edge) => !fates?.[edge.number]).length;
}

export const StepNode = memo(function StepNode({ data, selected }: NodeProps<StepNodeType>) {
  const t = useT();
  const store = useTrail();
  const { state, begun, fact } = useNode(data.path, data.scope);
  const step = store.plan.steps.get(data.path)?.step;
  const container = store.plan.steps.get(data.path)?.container ?? false;
  return (
    <div className={style.node} data-state={begun ? state : "unreached"} data-container={container || undefined} data-chosen={selected || undefined}>
      <Ports count={data.into} side="target" />
      <span className={style.band} aria-hidden="true" />
      <span className={style.name}>
        <Mark state={begun ? state : "scheduled"} size={13} />
        <span className="truncate">{step?.step_id}</span>
        <span className="visually-hidden">{t(begun ? `words.state.${state}` : "run.node.unreached")}</span>
      </span>
      <span className={style.fact}>
        <FactText fact={fact} t={t} />
      </span>
      <Ports count={data.out} side="source" />
    </div>
  );
});

function Ports({ count, side }: { count: number; side: "source" | "target" }) {
  return (
    <>
      {Array.from({ length: count }, (_, place) => (
        <Handle
          key={place}
          id={String(place)}
          type={side}
          position={side === "source" ? Position.Right : Position.Left}
          isConnectable={false}
          aria-hidden
          className={style.port}
          style={{ top: `${((place + 1) / (count + 1)) * 100}%` }}
        />
      ))}
    </>
  );
}

function FactText({ fact, t }: { fact: Fact; t: Translate }) {
  switch (fact.what) {
    case "took":
      return <>{format.duration(fact.ms)}</>;
    case "chose":
      return <>{t("run.chose", { port: fact.port })}</>;
    case "since":
      return <Since at={fact.at} />;
    case "items":
      return <>{fact.count === null ? t("run.rounds", { count: fact.done }) : t("run.fact.items", { done: fact.done, count: fact.count, failed: fact.failed })}</>;
    case "attempt":
      return <Attempt number={fact.number} due={fact.due} t={t} />;
    case "error":
      return <>{fact.code}</>;
    case "counted":
      return <>{t("run.fact.counted", { count: fact.count })}</>;
    case "waits":
      return <>{t("run.fact.waits", { count: fact.count })}</>;
    case "dead":
      return <>{t("run.fact.dead")}</>;
    default:
      return null;
  }
}

function Since({ at }: { at: number }) {
  return <>{format.duration(useNow() - at)}</>;
}

function Attempt({ number, due, t }: { number: number; due: number | null; t: Translate }) {
  const now = useNow();
  if (due === null || due <= now) return <>{t("run.fact.attempt", { number })}</>;
  return <>{t("run.fact.attemptIn", { number, time: format.countdown(due - now) })}</>;
}
