// Below the head: graph over tabs, the inspector beside them; on narrow pages the graph is a tab and the inspector a drawer.
import "@mantine/core/styles/Splitter.layer.css";
import { Button, Drawer, Splitter } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMemo } from "react";
import { useT } from "~/i18n";
import { usePane } from "~/settings/store";
import { Icon, Kbd, Tabs } from "~/components/basics";
import { READABLE } from "~/run/graph/sight";
import type { PlanScope } from "~/run/plan";
import { useNarrow } from "~/shell";
import { useShortcuts } from "~/shell/keys";
import type { Dialog } from "./actions/dialogs";
import { useRun, useShown } from "./data/context";
import { RunGraph } from "./graph/RunGraph";
import { drawnHeight } from "./graph/useLayout";
import { Inspector } from "./inspector/Inspector";
import { Outputs } from "./outputs/Outputs";
import { Timeline } from "./timeline/Timeline";
import { TrailTab } from "./trail/TrailTab";
import type { Tab } from "./Run";
import style from "./run.module.css";

const LEAST = 262;
const MOST = 400;
const AROUND = 32 + 32; // the legend, and air
const SHARE = 0.42; // of the window: the timeline needs the rest

/** So high that the graph can be read whole, within reason. */
function usualHeight(scope: PlanScope | undefined): number {
  const wanted = scope ? drawnHeight(scope) * READABLE + AROUND : LEAST;
  return Math.round(Math.max(LEAST, Math.min(wanted, MOST, window.innerHeight * SHARE)));
}

interface Props {
  tab: Tab;
  show: (tab: Tab) => void;
  ask: (dialog: Dialog) => void;
}

export function Body({ tab, show, ask }: Props) {
  const narrow = useNarrow();
  const drawer = useMediaQuery("(max-width: 1100px)", false, { getInitialValueInEffect: false }) ?? false;
  const { chosen, choose } = useRun();
  const [open, setOpen] = usePane("run.inspector", 1);
  useShortcuts("run", { i: { label: "run.key.inspector", run: () => setOpen(open === 1 ? 0 : 1) } });
  const left = <Left tab={tab} show={show} narrow={narrow} />;
  if (drawer) {
    return (
      <>
        <div className={style.left}>{left}</div>
        <InspectorDrawer opened={chosen !== null} onClose={() => choose(null)}>
          <Inspector ask={ask} />
        </InspectorDrawer>
      </>
    );
  }
  return <Wide open={open === 1} left={left} right={<Inspector ask={ask} onClose={() => setOpen(0)} />} />;
}

function Wide({ open, left, right }: { open: boolean; left: React.ReactNode; right: React.ReactNode }) {
  const t = useT();
  const [width, setWidth] = usePane("run.inspectorWidth", 344);
  if (!open) return <div className={style.left}>{left}</div>;
  return (
    <Splitter className={style.split} sizes={[100, `${width}px`]} onSizeChange={(sizes) => setWidth(Math.round(Number.parseFloat(String(sizes[1] ?? width))))} lineSize={1} withHandle={false} step="16px">
      <Splitter.Pane defaultSize={100} min={40}>
        <div className={style.left}>{left}</div>
      </Splitter.Pane>
      <Splitter.Pane defaultSize="344px" min="260px" max="640px">
        <aside className={style.inspector} aria-label={t("run.inspector")} data-pane>
          {right}
        </aside>
      </Splitter.Pane>
    </Splitter>
  );
}

function InspectorDrawer({ opened, onClose, children }: { opened: boolean; onClose: () => void; children: React.ReactNode }) {
  const t = useT();
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="min(400px, 90vw)" title={t("run.inspector")} closeButtonProps={{ "aria-label": t("words.close") }} transitionProps={{ duration: 160 }}>
      {children}
    </Drawer>
  );
}

function Left({ tab, show, narrow }: { tab: Tab; show: (tab: Tab) => void; narrow: boolean }) {
  const t = useT();
  const [graph, setGraph] = usePane("run.graph", 1);
  const { store } = useRun();
  const usual = useMemo(() => usualHeight(store.plan.scopes.get("")), [store]);
  const [height, setHeight] = usePane("run.graphHeight", usual);
  const total = useShown((shown) => shown.live.seq);
  const chosen = narrow || tab !== "graph" ? tab : "timeline";
  // Not g alone: it begins "g h" and the like, which lead away from every page.
  useShortcuts("run", { "Shift+G": { label: "run.key.graph", run: () => setGraph(graph === 1 ? 0 : 1) } });
  const tabs = [
    { id: "timeline" as const, label: t("run.tab.timeline") },
    { id: "trail" as const, label: t("run.tab.trail"), count: total },
    { id: "outputs" as const, label: t("run.tab.outputs") },
    ...(narrow ? [{ id: "graph" as const, label: t("run.tab.graph") }] : []),
  ];
  const below = (
    <div className={style.tabs}>
      <Tabs label={t("run.tabs")} tabs={tabs} chosen={chosen} onChoose={show} aside={<Aside tab={chosen} graph={graph === 1} narrow={narrow} toggle={() => setGraph(graph === 1 ? 0 : 1)} />}>
        {chosen === "timeline" ? <Timeline /> : chosen === "trail" ? <TrailTab /> : chosen === "outputs" ? <Outputs /> : <RunGraph />}
      </Tabs>
    </div>
  );
  return (
    <Framed>
      {narrow || graph !== 1 ? (
        below
      ) : (
        <Splitter className={style.split} orientation="vertical" sizes={[`${height}px`, 100]} onSizeChange={(sizes) => setHeight(Math.round(Number.parseFloat(String(sizes[0] ?? height))))} lineSize={1} withHandle={false} step="16px">
          <Splitter.Pane defaultSize={`${usual}px`} min="120px" max="640px">
            <RunGraph />
          </Splitter.Pane>
          <Splitter.Pane defaultSize={100} min={20}>
            {below}
          </Splitter.Pane>
        </Splitter>
      )}
    </Framed>
  );
}

/** Time travel freezes everything in an ink frame, and says so. */
function Framed({ children }: { children: React.ReactNode }) {
  const t = useT();
  const { travel } = useRun();
  const event = useShown((shown) => shown.event);
  const total = useShown((shown) => shown.live.seq);
  return (
    <div className={style.framed} data-past={event !== null || undefined}>
      {event !== null && (
        <p className={style.past}>
          <span>{t("run.event.of", { event, total })}</span>
          <Button onClick={() => travel(null)} rightSection={<Kbd keys="l" />}>
            {t("run.event.toLive")}
          </Button>
        </p>
      )}
      {children}
    </div>
  );
}

function Aside({ tab, graph, narrow, toggle }: { tab: Tab; graph: boolean; narrow: boolean; toggle: () => void }) {
  const t = useT();
  if (narrow) return null;
  const caps = tab === "timeline" ? (["+", "-", "w"] as const) : tab === "trail" ? (["j", "k", "t"] as const) : [];
  return (
    <span className={style.aside}>
      {caps.map((key) => (
        <span key={key} className="key-caps">
          <Kbd keys={key} /> {t(`run.cap.${tab as "timeline" | "trail"}.${key}` as "run.cap.timeline.+")}
        </span>
      ))}
      <Button variant="subtle" aria-pressed={graph} leftSection={<Icon name="eye" />} rightSection={<Kbd keys="Shift+G" />} onClick={toggle}>
        {t("run.tab.graph")}
      </Button>
    </span>
  );
}
