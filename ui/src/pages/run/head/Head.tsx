// The head of the run page: what runs, what is the case, the facts in one line, and what can be done.
import { ActionIcon, Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { At, Facts, Icon } from "~/components/basics";
import { TrailStrip } from "~/components/state";
import { useT } from "~/i18n";
import { notchesOf } from "~/run/states";
import { useNarrow } from "~/shell";
import { toast } from "~/shell/notices";
import { Act } from "../actions/Act";
import type { Dialog } from "../actions/dialogs";
import { useRun, useShown, useView } from "../data/context";
import { Sentences } from "./Sentences";
import style from "./head.module.css";

export function titleOf(detail: { segment_name?: string | null; segment_id: string }): string {
  return detail.segment_name ?? detail.segment_id;
}

export function Head({ ask }: { ask: (dialog: Dialog) => void }) {
  const narrow = useNarrow();
  return (
    <div className={style.head}>
      {!narrow && <TitleBar ask={ask} />}
      <Sentences ask={ask} />
      <FactLine />
      {narrow && (
        <div className={style.narrowActions}>
          <Actions ask={ask} />
        </div>
      )}
    </div>
  );
}

function TitleBar({ ask }: { ask: (dialog: Dialog) => void }) {
  const t = useT();
  const { detail } = useRun();
  return (
    <div className={style.bar}>
      <Link to="/runs" search={{} as never} className="muted">
        {t("run.runs")}
      </Link>
      <span className="muted" aria-hidden="true">
        /
      </span>
      <h1 className="truncate">{titleOf(detail)}</h1>
      {detail.business_key !== null && <code className="muted">{detail.business_key}</code>}
      <span className={style.actions}>
        <Actions ask={ask} />
      </span>
    </div>
  );
}

function Actions({ ask }: { ask: (dialog: Dialog) => void }) {
  const t = useT();
  const { sent } = useRun();
  const live = useShown((shown) => shown.live);
  const asked = sent.of(null, live);
  const ended = live.run.endedAt !== null;
  const cancelling = live.run.status === "cancelling";
  return (
    <>
      {!ended && !cancelling && (
        <Act right="run" sent={asked?.wish === "pause" || asked?.wish === "resume"} icon={live.run.paused ? "play" : "pause"} keys="Shift+P" onClick={() => ask({ what: live.run.paused ? "resume" : "pause" })}>
          {t(live.run.paused ? "run.resume" : "run.pause")}
        </Act>
      )}
      {!ended && (
        <Act right="run" sent={asked?.wish === "cancel"} icon="stop" refused={cancelling ? t("run.cancelling") : null} onClick={() => ask({ what: "cancel" })}>
          {t("run.cancel")}
        </Act>
      )}
      <More />
    </>
  );
}

function More() {
  const t = useT();
  const { runId } = useRun();
  const copy = (text: string) => void navigator.clipboard.writeText(text).then(() => toast({ text: t("words.copied") }));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" aria-label={t("run.moreActions")}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="copy" />} onClick={() => copy(runId)}>
          {t("run.copyId")}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="link" />} onClick={() => copy(location.href)}>
          {t("run.copyLink")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function FactLine() {
  const t = useT();
  const narrow = useNarrow();
  const view = useView();
  const { detail } = useRun();
  const notches = useMemo(() => notchesOf(view), [view]);
  const facts = [
    { label: t("run.fact.segment"), value: <>{titleOf(detail)} {detail.version ?? ""}</> },
    { label: t("run.fact.started"), value: <StartedBy /> },
    { label: t("run.fact.parent"), value: detail.parent_run_id === null ? null : <ParentLink id={detail.parent_run_id} /> },
    { label: t("run.fact.labels"), value: Object.keys(detail.labels).length === 0 ? null : <code>{Object.entries(detail.labels).map(([key, value]) => `${key}=${value}`).join(" ")}</code> },
    { label: t("run.fact.run"), value: <code>{detail.run_id}</code> },
  ];
  return (
    <div className={style.facts} data-narrow={narrow || undefined}>
      <TrailStrip notches={notches} {...(narrow ? { most: 22 } : {})} />
      <Facts facts={facts} />
    </div>
  );
}

function ParentLink({ id }: { id: string }) {
  return (
    <Link to="/runs/$runId" params={{ runId: id }} search={{} as never}>
      <code>{id}</code>
    </Link>
  );
}

function StartedBy() {
  const t = useT();
  const { detail } = useRun();
  const at = <At time={detail.created_at} seconds />;
  return detail.principal ? (
    <>
      {at} {t("run.by", { who: detail.principal })}
    </>
  ) : (
    at
  );
}
