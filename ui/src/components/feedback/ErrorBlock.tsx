import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { shapeOf } from "~/api";
import { Icon } from "~/components/basics";
import { format, useT } from "~/i18n";
import { toast } from "~/shell/notices/toast";
import style from "./feedback.module.css";

interface Props {
  /** Whatever was thrown; the API's own errors say their code, place and next action. */
  error: unknown;
  /** What is the case, in words, if the page knows better than the error's message. */
  title?: ReactNode;
  /** What to do, in place of the error's own hint; "": nothing is said. */
  hint?: string;
  /** Tries again what failed. */
  onRetry?: () => void;
  /** Further actions. */
  children?: ReactNode;
}

/** What is the case, what to do, the code, the place; the details can be copied. */
export function ErrorBlock({ error, title, hint, onRetry, children }: Props) {
  const t = useT();
  const shape = shapeOf(error);
  const said = format.sentence(hint ?? shape.hint);
  const copy = async () => {
    await navigator.clipboard.writeText(JSON.stringify(shape, null, 2));
    toast({ text: t("words.copied") });
  };
  return (
    <div className={style.error} role="group" aria-label={t("components.error.title.default")}>
      <svg className={style.hatch} width="4" aria-hidden="true">
        <defs>
          <pattern id="error-hatch" width="4" height="4" patternUnits="userSpaceOnUse">
            <path d="M-1 1 1-1M0 4 4 0M3 5 5 3" stroke="var(--s-failed)" strokeWidth="1.6" />
          </pattern>
        </defs>
        <rect width="4" height="100%" fill="url(#error-hatch)" />
      </svg>
      <div className={style.errorText}>
        <p className={style.errorTitle}>
          <b>{title ?? format.sentence(shape.message)}</b>
          <code className="muted">{shape.code}</code>
        </p>
        {title !== undefined && <p>{format.sentence(shape.message)}</p>}
        {said !== "" && <p>{said}</p>}
        {shape.pointer !== undefined && shape.pointer !== "" && (
          <p className="muted">
            {t("components.error.place")} <code>{shape.pointer}</code>
          </p>
        )}
        <p className={style.errorActions}>
          {onRetry && (
            <Button leftSection={<Icon name="retry" />} onClick={onRetry}>
              {t("words.retry")}
            </Button>
          )}
          {children}
          <Button variant="subtle" leftSection={<Icon name="copy" />} onClick={copy}>
            {t("components.error.copy")}
          </Button>
        </p>
      </div>
    </div>
  );
}
