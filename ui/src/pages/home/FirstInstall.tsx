// Nothing has run here yet: what one can do, and how to read what will stand here.
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMe } from "~/api";
import { Icon, Section } from "~/components/basics";
import { type Notch, TrailStrip } from "~/components/state";
import { type Key, useT } from "~/i18n";
import { toast } from "~/shell/notices";
import style from "./home.module.css";

function Command({ text }: { text: string }) {
  const t = useT();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast({ text: t("words.copied") });
  };
  return (
    <span className={style.command}>
      <code>
        <span className="muted">$</span> {text}
      </code>
      <button type="button" aria-label={t("home.first.copy", { command: text })} onClick={() => void copy()}>
        <Icon name="copy" />
      </button>
    </span>
  );
}

function Step({ number, name, children }: { number: number; name: "example" | "start" | "own"; children: ReactNode }) {
  const t = useT();
  return (
    <li className={style.step}>
      <span className={style.number} aria-hidden="true">
        {number}
      </span>
      <span>
        <b>{t(`home.first.${name}.title`)}</b>
        <span className={style.stepText}>{t(`home.first.${name}.text`)}</span>
      </span>
      <span className={style.stepDo}>{children}</span>
    </li>
  );
}

const BAR = { x: 1, width: 86, rx: 1 } as const;

/** One drawing a word of the grammar, 88 wide. */
const GRAMMAR: readonly { name: "done" | "work" | "waits" | "trouble" | "notTaken" | "notYet"; draw: ReactNode }[] = [
  { name: "done", draw: <path d="M0 10H88" stroke="var(--s-completed)" strokeWidth="3" /> },
  { name: "work", draw: <rect {...BAR} y="2" height="16" fill="var(--s-running)" /> },
  { name: "waits", draw: <rect {...BAR} y="2.75" height="14.5" fill="var(--s-person-tint)" stroke="var(--s-person)" strokeWidth="1.5" /> },
  { name: "trouble", draw: <rect {...BAR} y="2.75" height="14.5" fill="url(#first-hatch)" stroke="var(--s-retrying)" strokeWidth="1.5" /> },
  { name: "notTaken", draw: <path d="M0 10H88" stroke="var(--s-skipped)" strokeWidth="1.5" strokeDasharray="7 4" /> },
  { name: "notYet", draw: <path d="M0 10H88" stroke="var(--ink-4)" strokeWidth="1.5" strokeDasharray="1.5 4" /> },
];

const EXAMPLE: readonly Notch[] = ["completed", "completed", "completed", "retrying", "completed", "skipped", "person", "scheduled", "scheduled"].map(
  (state, at) => ({ id: String(at + 1), state: state as Notch["state"] }),
);

/** How to read a trail: the same in lists, timelines and on the canvas. */
export function Grammar() {
  const t = useT();
  return (
    <Section title={t("home.grammar.title")} note={t("home.grammar.note")}>
      <ul className={style.grammar}>
        {GRAMMAR.map(({ name, draw }) => (
          <li key={name}>
            <svg className="waymark" width="88" height="20" aria-hidden="true">
              <defs>
                <pattern id="first-hatch" width="6" height="6" patternUnits="userSpaceOnUse">
                  <path d="M-1.5 1.5 1.5-1.5M0 6 6 0M4.5 7.5 7.5 4.5" stroke="var(--s-retrying)" strokeWidth="1.8" />
                </pattern>
              </defs>
              {draw}
            </svg>
            <b>{t(`home.grammar.${name}` as Key)}</b>
            <span className="secondary">{t(`home.grammar.${name}.how` as Key)}</span>
          </li>
        ))}
      </ul>
      <p className={style.example}>
        <TrailStrip notches={EXAMPLE} />
        <span>{t("home.grammar.example")}</span>
      </p>
    </Section>
  );
}

export function FirstInstall() {
  const t = useT();
  const me = useMe();
  const { version } = me.server as { version?: string };
  return (
    <div className={style.first}>
      <p className="muted">{t(me.mode === "local" ? "home.first.local" : "home.first.server", { version: version ?? "", host: location.host })}</p>
      <h2 className={style.firstTitle}>{t("home.first.title")}</h2>
      <p className={style.firstText}>{t("home.first.text")}</p>
      <ol className={style.steps}>
        <Step number={1} name="example">
          <Command text="worktrail demo" />
        </Step>
        <Step number={2} name="start">
          <Button component={Link} to="/start" variant="filled">
            {t("home.first.start.do")}
          </Button>
        </Step>
        <Step number={3} name="own">
          <Command text="worktrail new my-project" />
        </Step>
      </ol>
      <Grammar />
    </div>
  );
}
