// What all parts of the run page share: the run, its trail, which visit is chosen, and which wishes are under way.
import { createContext, useContext, useSyncExternalStore } from "react";
import type { RunView } from "~/run/model";
import type { RunStore, Shown } from "~/run/store";
import type { Detail } from "./queries";
import type { Sent } from "./sent";

export interface RunPage {
  runId: string;
  detail: Detail;
  store: RunStore;
  /** The id of the chosen visit, or of a step that has not begun. */
  chosen: string | null;
  choose: (visit: string | null) => void;
  travel: (event: number | null) => void;
  sent: Sent;
}

const Context = createContext<RunPage | null>(null);

export const RunProvider = Context.Provider;

export function useRun(): RunPage {
  const page = useContext(Context);
  if (!page) throw new Error("useRun stands below RunProvider");
  return page;
}

/** A part of what is shown. `pick` answers the same object while nothing changed for it. */
export function useShown<T>(pick: (shown: Shown) => T): T {
  const { store } = useRun();
  return useSyncExternalStore(
    (changed) => store.subscribe(changed),
    () => pick(store.shown),
  );
}

const VIEW = (shown: Shown): RunView => shown.view;

export function useView(): RunView {
  return useShown(VIEW);
}
