import { Modal } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { Fragment, type KeyboardEvent, useEffect, useEffectEvent, useId, useState } from "react";
import { Icon, Kbd } from "~/components/basics";
import { useFocusBack } from "~/components/feedback";
import { useT } from "~/i18n";
import { useAskedTargets } from "./asked";
import { searchAll, type Target } from "./providers";
import style from "./goto.module.css";

const PAUSE_MS = 80;

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** Ctrl-K: pages, runs, tasks, segments and actions by name. */
export function GoTo({ opened, onClose }: Props) {
  const t = useT();
  useFocusBack(opened);
  return (
    <Modal.Root opened={opened} onClose={onClose} size={640} yOffset="12vh" closeOnClickOutside>
      <Modal.Overlay />
      <Modal.Content aria-label={t("shell.goto")}>
        <Modal.Body p={0}>
          <Search onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface Found {
  targets: readonly Target[];
  /** What they are for; null before the first answer. */
  of: string | null;
  /** All have answered. */
  whole: boolean;
}

/** The targets for a query; an older answer never replaces a newer one. */
function useTargets(query: string): Found {
  const [found, setFound] = useState<Found>({ targets: [], of: null, whole: false });
  useEffect(() => {
    const control = new AbortController();
    const show = (targets: readonly Target[], whole: boolean) => {
      if (!control.signal.aborted) setFound({ targets, of: query, whole });
    };
    const timer = setTimeout(async () => show(await searchAll(query, control.signal, (known) => show(known, false)), true), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [query]);
  return found;
}

function useFollow(onClose: () => void): (target: Target | undefined) => void {
  const router = useRouter();
  return (target) => {
    if (!target) return;
    onClose();
    target.run?.();
    if (target.to !== undefined) router.history.push(target.to);
  };
}

const nameOf = (target: Target | undefined): string => (target ? `${target.kind}:${target.id}` : "");

/** Which target is chosen: the first, or the one that was walked to, wherever later answers move it. */
function useChosen(targets: readonly Target[]) {
  const [walked, setWalked] = useState("");
  const chosen = Math.max(0, targets.findIndex((target) => nameOf(target) === walked));
  const choose = (at: number) => setWalked(nameOf(targets[(at + targets.length) % Math.max(1, targets.length)]));
  return { chosen, walked: walked !== "", choose, forget: () => setWalked("") };
}

/** Enter goes to what was walked to; else to the best of all, which is known once all have answered for what is typed now. */
function useEnter(target: Target | undefined, ready: boolean, follow: (target: Target | undefined) => void) {
  const [entered, setEntered] = useState(false);
  const go = useEffectEvent(() => follow(target));
  useEffect(() => {
    if (entered && ready) go();
  }, [entered, ready]);
  return { enter: () => setEntered(true), forget: () => setEntered(false) };
}

function Search({ onClose }: { onClose: () => void }) {
  const t = useT();
  const id = useId();
  const [typed, setTyped] = useState("");
  const query = typed.trim();
  useAskedTargets();
  const { targets, of, whole } = useTargets(query);
  const { chosen, walked, choose, forget } = useChosen(targets);
  const done = whole && of === query;
  const enter = useEnter(targets[chosen], done || walked, useFollow(onClose));

  const keys: Record<string, () => void> = {
    ArrowDown: () => choose(chosen + 1),
    ArrowUp: () => choose(chosen - 1),
    Home: () => choose(0),
    End: () => choose(targets.length - 1),
    Enter: enter.enter,
  };
  const press = (event: KeyboardEvent) => {
    const run = keys[event.key];
    if (!run || event.nativeEvent.isComposing) return;
    event.preventDefault();
    run();
  };
  const type = (text: string) => {
    setTyped(text);
    forget();
    enter.forget();
  };
  return (
    <div>
      <div className={style.field}>
        <Icon name="search" />
        <input
          className={style.input}
          role="combobox"
          aria-expanded={targets.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={targets[chosen] ? `${id}-${chosen}` : undefined}
          aria-label={t("shell.goto")}
          placeholder={t("shell.goto.placeholder")}
          data-autofocus
          value={typed}
          onKeyDown={press}
          onChange={(event) => type(event.currentTarget.value)}
        />
        <Kbd keys="Escape" />
      </div>
      <Targets id={id} targets={targets} chosen={chosen} onFollow={useFollow(onClose)} />
      <Told done={done} query={query} count={targets.length} />
    </div>
  );
}

/** That it is still asked, and that nothing was found; the count is for those who do not see the list. */
function Told({ done, query, count }: { done: boolean; query: string; count: number }) {
  const t = useT();
  return (
    <>
      <p className="visually-hidden" aria-live="polite">
        {done && t("shell.goto.count", { count })}
      </p>
      {!done && query !== "" && <p className={style.asking}>{t("shell.goto.asking")}</p>}
      {done && count === 0 && <p className={style.none}>{t("shell.goto.none", { query })}</p>}
    </>
  );
}

interface TargetsProps {
  id: string;
  targets: readonly Target[];
  chosen: number;
  onFollow: (target: Target) => void;
}

function Targets({ id, targets, chosen, onFollow }: TargetsProps) {
  const t = useT();
  return (
    <div id={`${id}-list`} role="listbox" aria-label={t("shell.goto")} className={style.list}>
      {targets.map((target, place) => (
        <Fragment key={`${target.kind}:${target.id}`}>
          {targets[place - 1]?.kind !== target.kind && (
            <div role="presentation" className={style.group}>
              {t(`shell.goto.group.${target.kind}`)}
            </div>
          )}
          {/* Keys are handled by the field, which keeps the focus. */}
          <div
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === chosen}
            className={style.option}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onFollow(target)}
          >
            <Icon name={target.icon ?? "right"} />
            <span className="truncate">{target.label}</span>
            {target.detail !== undefined && <span className="muted truncate">{target.detail}</span>}
            {target.keys !== undefined && <Kbd keys={target.keys} />}
          </div>
        </Fragment>
      ))}
    </div>
  );
}
