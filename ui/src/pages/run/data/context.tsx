// What all parts of the run page share: the run, its trail, which visit is chosen, and which wishes are under way.
//
// The trail stands in a context of its own, which never changes: a node of the graph or an edge that reads only the trail is not
// drawn again because another one was chosen.
import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";
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

const Page = createContext<RunPage | null>(null);
const Trail = createContext<RunStore | null>(null);

export function RunProvider({ value, children }: { value: RunPage; children: ReactNode }) {
  return (
    <Trail value={value.store}>
      <Page value={value}>{children}</Page>
    </Trail>
  );
}

export function useRun(): RunPage {
  const page = useContext(Page);
  if (!page) throw new Error("useRun stands below RunProvider");
  return page;
}

/** The trail alone. */
export function useTrail(): RunStore {
  const store = useContext(Trail);
  if (!store) throw new Error("useTrail stands below RunProvider");
  return store;
}

/** A part of what is shown. `pick` answers the same object while nothing changed for it. */
export function useShown<T>(pick: (shown: Shown) => T): T {
  const store = useTrail();
  return useSyncExternalStore(
    (changed) => store.subscribe(changed),
    () => pick(store.shown),
  );
}

const VIEW = (shown: Shown): RunView => shown.view;

export function useView(): RunView {
  return useShown(VIEW);
}
