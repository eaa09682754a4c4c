// What a lost stream does to the page: the banner, paler colours (by data-stream on the root), one announcement when it is back.
import { Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import { At } from "~/components/basics";
import { format, Say, useT } from "~/i18n";
import { useLive, useStream } from "~/live";
import { announce, type Notice, useBanner } from "./notices";

function useNotice(): Notice | null {
  const t = useT();
  const hub = useLive();
  const { phase, loss, lostAt, position, retryAt, code } = useStream();
  if (phase === "closed") {
    const reload = <Button onClick={() => location.reload()}>{t("shell.reload")}</Button>;
    return { tone: "failed", rank: 3, text: <Say k="shell.stream.refused" values={{ code: code ?? "" }} />, actions: reload };
  }
  if (loss !== "banner" || lostAt === null) return null;
  const actions = (
    <>
      {retryAt !== null && (
        <span>
          <Say k="shell.stream.next" values={{ time: <At time={retryAt} seconds /> }} />
        </span>
      )}
      <Button onClick={() => hub.retryNow()}>{t("shell.stream.now")}</Button>
    </>
  );
  const time = format.clock(lostAt, { seconds: true });
  const text = position === null ? <Say k="shell.stream.lostEarly" values={{ time }} /> : <Say k="shell.stream.lost" values={{ time, position }} />;
  return { tone: "retrying", rank: 3, text, actions };
}

export function StreamWatch() {
  const t = useT();
  const { loss, position } = useStream();
  useBanner("stream", useNotice());
  const lost = useRef<number | null>(null);
  useEffect(() => {
    document.documentElement.dataset.stream = loss === "banner" ? "lost" : "live";
    if (loss === "banner") lost.current ??= position ?? 0;
    else if (loss === "none" && lost.current !== null) {
      announce(t("shell.stream.back", { position: lost.current }), "now");
      lost.current = null;
    }
  }, [loss, position, t]);
  return null;
}

/** Whether writing must wait because the stream is lost; controls that write are off then and say why. */
export function useLost(): boolean {
  return useStream((state) => state.loss === "banner");
}
