import { Button, CloseButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { create } from "zustand";
import { useT } from "~/i18n";
import { announce } from "./announce";
import style from "./notices.module.css";

export interface Toast {
  text: string;
  /** The one action, mostly "Undo". */
  action?: { label: string; run: () => void };
  /** Errors stay until they are closed. */
  error?: boolean;
}

interface Shown extends Toast {
  id: number;
}

const SHOWN_MS = 8_000;
let last = 0;
const useToasts = create<{ toasts: Shown[] }>()(() => ({ toasts: [] }));

function close(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/** One line, bottom left, for 8 s. Not for what the page already shows. */
export function toast(shown: Toast): void {
  last += 1;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), { ...shown, id: last }] }));
  announce(shown.text, shown.error ? "assertive" : "now");
}

export function Toasts() {
  const t = useT();
  const toasts = useToasts((state) => state.toasts);
  return (
    <section aria-label={t("shell.notices")} className={style.toasts}>
      {toasts.map((shown) => (
        <One key={shown.id} shown={shown} />
      ))}
    </section>
  );
}

function One({ shown }: { shown: Shown }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || shown.error) return;
    const timer = setTimeout(() => close(shown.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, shown]);
  const act = () => {
    shown.action?.run();
    close(shown.id);
  };
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) };
  return (
    <div className={style.toast} data-error={shown.error || undefined} {...hold}>
      <span className="truncate">{shown.text}</span>
      {shown.action && <Button onClick={act}>{shown.action.label}</Button>}
      <CloseButton aria-label={t("words.close")} onClick={() => close(shown.id)} size="sm" c="inherit" />
    </div>
  );
}
