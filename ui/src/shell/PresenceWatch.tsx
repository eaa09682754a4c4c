// Says to others that this tab is here, on which page, and (where a page knows it) what the person does there.
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { create } from "zustand";
import { ApiError, newId, request } from "~/api";
import { Presence, type PresencePorts } from "~/live/presence";
import { useWorkspace } from "./sidebar/Workspace";

/** `told` is called when the server knows it. */
const browser = (told: () => void): PresencePorts => ({
  post: async (path, body) => {
    try {
      await request("post", path, { body: body as never });
      told();
      return 200;
    } catch (error) {
      return error instanceof ApiError ? error.status : 0;
    }
  },
  beacon: (path, body) => void navigator.sendBeacon(path, new Blob([JSON.stringify(body)], { type: "application/json" })),
  now: () => Date.now(),
  later: (ms, what) => {
    const timer = setTimeout(what, ms);
    return () => clearTimeout(timer);
  },
});

let tab: Presence | null = null;

/** The presence of this tab. */
function presenceOfTab(queries: QueryClient): Presence {
  tab ??= new Presence(newId(), browser(() => void queries.invalidateQueries({ queryKey: ["presence"] })));
  return tab;
}

const useWhat = create<{ doing: string | null }>()(() => ({ doing: null }));

/** While the component stands, others see this: "decides:EXP-2050", "repairs:EXP-1987"; null: reads. */
export function useDoing(doing: string | null): void {
  useEffect(() => {
    useWhat.setState({ doing });
    return () => useWhat.setState({ doing: null });
  }, [doing]);
}

/** Stands once, in the shell. */
export function PresenceWatch() {
  const queries = useQueryClient();
  const workspace = useWorkspace() ?? null;
  const page = useRouterState({ select: (state) => state.location.pathname });
  const doing = useWhat((state) => state.doing);
  useEffect(() => presenceOfTab(queries).at({ workspace, page, doing }), [queries, workspace, page, doing]);
  useEffect(() => {
    const presence = presenceOfTab(queries);
    const leave = () => presence.leave();
    const back = (event: PageTransitionEvent) => event.persisted && presence.back();
    const touched = () => presence.touched();
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", back);
    window.addEventListener("pointerdown", touched);
    window.addEventListener("keydown", touched);
    return () => {
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("pageshow", back);
      window.removeEventListener("pointerdown", touched);
      window.removeEventListener("keydown", touched);
      leave();
    };
  }, [queries]);
  return null;
}
