import { Countdown } from "~/components/basics";
import { Mark } from "~/components/state";
import { type Key, useT } from "~/i18n";
import { type StreamState, useStream } from "~/live";
import style from "../shell.module.css";

/** What the foot says of the stream. A loss is told after 2 s; shorter ones are nobody's business. */
export function lookOf(state: Pick<StreamState, "phase" | "loss">): { key: Key; mark: "dot" | "retrying" | "offline" } {
  if (state.phase === "closed") return { key: "shell.stream.closed", mark: "offline" };
  if (state.phase === "reconnecting" && state.loss !== "none") return { key: "shell.stream.reconnecting", mark: "retrying" };
  if (state.phase === "connecting" || state.phase === "idle") return { key: "shell.stream.connecting", mark: "offline" };
  return { key: "shell.stream.live", mark: "dot" };
}

/** State and position of the stream, at the foot of the sidebar and in the bar of narrow pages. */
export function Foot({ rail = false }: { rail?: boolean }) {
  const t = useT();
  const state = useStream();
  const { key, mark } = lookOf(state);
  return (
    <div className={style.stream} data-mark={mark}>
      {mark === "retrying" ? <Mark state="retrying" /> : <span className={style.dot} />}
      <span className={rail ? "visually-hidden" : undefined}>{t(key)}</span>
      {!rail && (
        <span className={style.position}>
          {mark === "retrying" && state.retryAt !== null ? (
            <Countdown until={state.retryAt} />
          ) : (
            state.position !== null && t("shell.stream.position", { position: state.position })
          )}
        </span>
      )}
    </div>
  );
}
