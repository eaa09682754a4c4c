import { Modal } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { Fragment, type KeyboardEvent, useEffect, useId, useState } from "react";
import { Icon, Kbd } from "~/components/basics";
import { useFocusBack } from "~/components/feedback";
import { useT } from "~/i18n";
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

/** The targets for a query, and the query they are for; an older answer never replaces a newer one. */
function useTargets(query: string): { targets: Target[]; of: string | null } {
  const [found, setFound] = useState<{ targets: Target[]; of: string | null }>({ targets: [], of: null });
  useEffect(() => {
    const control = new AbortController();
    const timer = setTimeout(async () => {
      const targets = await searchAll(query, control.signal);
      if (!control.signal.aborted) setFound({ targets, of: query });
    }, PAUSE_MS);
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

function Search({ onClose }: { onClose: () => void }) {
  const t = useT();
  const id = useId();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const { targets, of } = useTargets(query.trim());
  const follow = useFollow(onClose);
  const chosen = Math.min(at, Math.max(0, targets.length - 1));

  const keys: Record<string, () => void> = {
    ArrowDown: () => setAt((chosen + 1) % Math.max(1, targets.length)),
    ArrowUp: () => setAt((chosen - 1 + targets.length) % Math.max(1, targets.length)),
    Home: () => setAt(0),
    End: () => setAt(targets.length - 1),
    Enter: () => follow(targets[chosen]),
  };
  const press = (event: KeyboardEvent) => {
    const run = keys[event.key];
    if (!run || event.nativeEvent.isComposing) return;
    event.preventDefault();
    run();
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
          value={query}
          onKeyDown={press}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
        />
        <Kbd keys="Escape" />
      </div>
      <Targets id={id} targets={targets} chosen={chosen} onFollow={follow} />
      <p className="visually-hidden" aria-live="polite">
        {of !== null && t("shell.goto.count", { count: targets.length })}
      </p>
      {of !== null && targets.length === 0 && <p className={style.none}>{t("shell.goto.none", { query: of })}</p>}
    </div>
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
