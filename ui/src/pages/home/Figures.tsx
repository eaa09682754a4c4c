// The last 24 hours from one line: completed stand up, failed hang down. The figures say it too.
import { Counts } from "~/components/basics";
import { format, useT } from "~/i18n";
import type { Throughput } from "./data";
import style from "./home.module.css";

const STEP = 6;
const BAR = 5;
const UP = 56;
const DOWN = 16;
const TICKS = 4;

function Bars({ figures }: { figures: Throughput }) {
  const t = useT();
  const most = Math.max(1, ...figures.buckets.map((bucket) => bucket.completed));
  const worst = Math.max(1, ...figures.buckets.map((bucket) => bucket.failed));
  const high = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * UP));
  const deep = (count: number) => (count === 0 ? 0 : Math.max(4, (count / worst) * DOWN));
  const name = t("home.figures.chart", { completed: figures.completed, failed: figures.failed, most });
  return (
    <svg className={`waymark ${style.bars}`} viewBox={`0 0 ${figures.buckets.length * STEP} ${UP + DOWN + 2}`} preserveAspectRatio="none" role="img" aria-label={name}>
      {figures.buckets.map((bucket, place) => (
        <g key={bucket.start} transform={`translate(${place * STEP} 0)`}>
          <title>{t("home.figures.bucket", { time: format.clock(bucket.start), completed: bucket.completed, failed: bucket.failed })}</title>
          <rect width={STEP} height={UP + DOWN} fill="transparent" />
          <rect x="0.5" y={UP - high(bucket.completed)} width={BAR} height={high(bucket.completed)} fill="var(--s-completed)" />
          <rect x="0.5" y={UP + 2} width={BAR} height={deep(bucket.failed)} fill="var(--s-failed)" />
        </g>
      ))}
      <path d={`M0 ${UP + 1}H${figures.buckets.length * STEP}`} stroke="var(--rule-strong)" strokeWidth="1" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

function Axis({ figures }: { figures: Throughput }) {
  const t = useT();
  const each = Math.max(1, Math.floor(figures.buckets.length / TICKS));
  const ticks = figures.buckets.filter((_, place) => place % each === 0).slice(0, TICKS);
  return (
    <div className={style.axis} aria-hidden="true">
      {ticks.map((bucket) => (
        <span key={bucket.start}>{format.clock(bucket.start).split(" ").at(-1)}</span>
      ))}
      <span>{t("words.now")}</span>
    </div>
  );
}

const took = (ms: number | null) => (ms === null ? null : format.duration(ms));

export function Figures({ figures }: { figures: Throughput | undefined }) {
  const t = useT();
  const facts = [
    { key: "started", value: <Counts value={figures?.started} /> },
    { key: "completed", value: <Counts value={figures?.completed} /> },
    { key: "failed", value: <Counts value={figures?.failed} />, bad: (figures?.failed ?? 0) > 0 },
    { key: "median", value: (figures && took(figures.median_ms)) ?? "–", end: true },
  ] as const;
  return (
    <>
      <dl className={style.figures}>
        {facts.map(({ key, value, ...more }) => (
          <div key={key} data-bad={("bad" in more && more.bad) || undefined} data-end={"end" in more || undefined}>
            <dt>{t(`home.figures.${key}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={style.chart}>{figures && figures.buckets.length > 0 && <Bars figures={figures} />}</div>
      {figures && <Axis figures={figures} />}
      <p className="secondary">{t("home.figures.note")}</p>
      <ul className={style.durations}>
        {figures?.durations.slice(0, 3).map((one) => (
          <li key={one.segment_id}>
            <code className="truncate">{one.segment_id}</code>
            <span className="muted">{t("home.figures.durations", { p50: format.duration(one.p50_ms), p95: format.duration(one.p95_ms) })}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
