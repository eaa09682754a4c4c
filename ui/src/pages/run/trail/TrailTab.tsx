// The trail: every event of the run, newest first, with filters; only rows in sight are drawn.
import { Button, Menu, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDeferredValue, useId, useMemo, useRef, useState } from "react";
import { Icon, Kbd } from "~/components/basics";
import { EmptyState } from "~/components/feedback";
import { format, useT } from "~/i18n";
import type { TrailEvent } from "~/run/model";
import { addressOf } from "~/api";
import { useShortcuts } from "~/shell/keys";
import { useRun, useShown, useView } from "../data/context";
import { EventRows } from "./EventRows";
import { type Filter, GROUPS, type Group, matches, tallyOf } from "./filter";
import style from "./trail.module.css";

export function TrailTab() {
  const t = useT();
  const { store, chosen, travel } = useRun();
  const view = useView();
  const event = useShown((shown) => shown.event);
  const search = useRef<HTMLInputElement>(null);
  const id = useId();
  const [filter, setFilter] = useState<Filter>({ group: "all", severity: null, text: "", visit: null });
  const used = useDeferredValue(filter);
  const total = event ?? store.events.length;
  const events = useMemo(() => {
    const found: TrailEvent[] = [];
    for (let place = total - 1; place >= 0; place--) {
      const one = store.events[place];
      if (one && matches(one, used)) found.push(one);
    }
    return found;
  }, [store, total, used]);
  const tally = useMemo(() => tallyOf(store.events, total), [store, total]);
  const [walked, setWalked] = useState<number | null>(null);
  const active = Math.max(0, events.findIndex((one) => one.seq === walked));
  const here = events[active];
  const set = (changed: Partial<Filter>) => setFilter((before) => ({ ...before, ...changed }));
  const filters = [filter.group !== "all", filter.severity !== null, filter.text !== "", filter.visit !== null].filter(Boolean).length;

  useShortcuts("run", {
    t: { label: "run.key.travel", run: () => (here ? travel(here.seq) : false) },
    "/": { label: "run.key.filter", run: () => search.current?.focus() },
    j: { label: "run.key.walk" },
    k: { label: "run.key.walk" },
    Enter: { label: "run.key.inspect" },
  });

  return (
    <div className={style.trail}>
      <div className={style.filters}>
        <TextInput ref={search} className={style.search} aria-label={t("run.trail.search")} placeholder={t("run.trail.search")} leftSection={<Icon name="filter" />} value={filter.text} onChange={(change) => set({ text: change.currentTarget.value })} />
        <SegmentedControl aria-label={t("run.trail.group")} value={filter.group} onChange={(group) => set({ group: group as Group })} data={GROUPS.map((group) => ({ value: group, label: `${t(`run.trail.group.${group}`)} ${format.count(tally[group])}` }))} />
        <Select className={style.severity} aria-label={t("run.trail.severity")} placeholder={t("run.trail.severity")} clearable value={filter.severity} onChange={(severity) => set({ severity })} data={["info", "warning", "error"]} />
        {chosen !== null && (
          <Button variant={filter.visit === chosen ? "filled" : "default"} aria-pressed={filter.visit === chosen} onClick={() => set({ visit: filter.visit === chosen ? null : chosen })}>
            {t("run.trail.only", { visit: chosen })}
          </Button>
        )}
        <Button leftSection={<Icon name="history" />} rightSection={<Kbd keys="t" />} disabled={!here} onClick={() => here && travel(here.seq)}>
          {t("run.trail.travel")}
        </Button>
        <Export />
      </div>
      {events.length === 0 ? (
        <EmptyState action={filters > 0 ? <Button onClick={() => setFilter({ group: "all", severity: null, text: "", visit: null })}>{t("components.filter.clear", { count: filters })}</Button> : undefined}>
          {t(filters > 0 ? "run.trail.none" : "run.trail.empty")}
        </EmptyState>
      ) : (
        <EventRows events={events} view={view} active={active} walk={setWalked} id={id} />
      )}
    </div>
  );
}

/** The server writes the file: numbers keep every digit. */
function Export() {
  const t = useT();
  const { runId } = useRun();
  const href = (kind: string) => addressOf("/api/v1/runs/{run_id}/trail", { run_id: runId }, { format: kind, limit: 10_000 });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" leftSection={<Icon name="import" />}>
          {t("run.trail.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {["json", "jsonl"].map((kind) => (
          <Menu.Item key={kind} component="a" href={href(kind)} download={`${runId}.trail.${kind}`}>
            {t(`run.trail.export.${kind}` as "run.trail.export.json")}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
