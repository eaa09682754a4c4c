// What the lines of the graph mean, and where in the trail the page stands: the slider over its events.
import "@mantine/core/styles/Slider.layer.css";
import { ActionIcon, Slider } from "@mantine/core";
import { Icon } from "~/components/basics";
import { useT } from "~/i18n";
import { useRun, useShown } from "../data/context";
import style from "./graph.module.css";

const LINES = [
  ["delivered", "full"],
  ["waiting", "open"],
  ["dead", "cross"],
  ["late", "late"],
  ["unreached", null],
] as const;

export function Legend() {
  const t = useT();
  return (
    <ul className={style.legend} aria-label={t("run.legend")}>
      {LINES.map(([fate, head]) => (
        <li key={fate}>
          <svg className="waymark" width="30" height="10" aria-hidden="true">
            <g data-fate={fate} className={style.edge}>
              {fate === "waiting" && <path d="M1 5H26" className={style.edgeUnder} />}
              <path d="M1 5H26" className={style.edgeLine} markerEnd={head === null ? undefined : `url(#run-head-${head})`} />
            </g>
          </svg>
          {t(`run.fate.${fate}`)}
        </li>
      ))}
    </ul>
  );
}

/** One event back, forward, any of them, and live again. */
export function Moments() {
  const t = useT();
  const { store, travel } = useRun();
  const event = useShown((shown) => shown.event);
  const total = useShown((shown) => shown.live.seq);
  const at = event ?? total;
  return (
    <div className={style.moments}>
      <ActionIcon aria-label={t("run.event.back")} disabled={at <= 1} onClick={() => travel(at - 1)}>
        <Icon name="left" />
      </ActionIcon>
      <Slider
        className={style.slider}
        size={2}
        thumbSize={10}
        min={1}
        max={Math.max(2, total)}
        value={at}
        onChange={travel}
        label={null}
        thumbLabel={t("run.event.slider")}
        thumbProps={{ "aria-valuetext": t("run.event.of", { event: at, total }) }}
      />
      <ActionIcon aria-label={t("run.event.forward")} disabled={event === null} onClick={() => travel(at + 1)}>
        <Icon name="right" />
      </ActionIcon>
      <span className={style.momentText}>{event === null ? t(store.shown.live.run.endedAt === null ? "run.event.live" : "run.event.end", { total }) : t("run.event.of", { event, total })}</span>
    </div>
  );
}
