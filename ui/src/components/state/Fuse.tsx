// The time a task has: 96 × 10, burning from the right. The text stands beside it always, never in it.
import { useNow } from "~/components/basics/Clock";
import { format, useT } from "~/i18n";
import style from "./state.module.css";

interface Props {
  /** When it was asked, when it is due, and from when it is a warning (default: the last quarter). */
  asked: string | number | Date;
  due: string | number | Date;
  warning?: string | number | Date;
}

type Heat = "calm" | "warning" | "over";

const COLOR: Record<Heat, string> = { calm: "var(--ink-2)", warning: "var(--s-retrying)", over: "var(--s-failed)" };
const TEXT: Record<Heat, string> = { calm: "var(--ink-2)", warning: "var(--s-retrying-text)", over: "var(--s-failed-text)" };

export function Fuse({ asked, due, warning }: Props) {
  const t = useT();
  const [start, end, now] = [+new Date(asked), +new Date(due), useNow()];
  const warn = warning === undefined ? end - (end - start) / 4 : +new Date(warning);
  const heat: Heat = now >= end ? "over" : now >= warn ? "warning" : "calm";
  const part = (time: number) => 1 + 94 * Math.min(1, Math.max(0, (end - time) / Math.max(1, end - start)));
  const time = format.duration(Math.abs(end - now));
  return (
    <span className={style.fuse}>
      <svg className="waymark" width="96" height="10" aria-hidden="true">
        <path d="M1 5H95" stroke="var(--control)" strokeWidth="1" strokeDasharray="1 3" />
        <path d={`M1 5H${heat === "over" ? 95 : part(now)}`} stroke={COLOR[heat]} strokeWidth="3" />
        <path d={`M1 1v8M${part(warn)} 2v6`} stroke={COLOR[heat]} strokeWidth="1.5" />
      </svg>
      <span style={{ color: TEXT[heat] }}>{t(heat === "over" ? "components.fuse.over" : "components.fuse.left", { time })}</span>
    </span>
  );
}
