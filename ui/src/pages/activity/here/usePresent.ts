import type { components } from "#schema";
import { useQuery } from "@tanstack/react-query";
import { request } from "~/api";
import { BEAT_MS } from "~/live/presence";

export type Present = components["schemas"]["Presence"];

/** Who is here, one line a person: the tab that moved last stands for the others. Read again as often as tabs say they are here. */
export function usePresent(workspace: string | undefined) {
  return useQuery({
    queryKey: ["presence"],
    queryFn: ({ signal }) => request("get", "/realtime/presence", { signal }),
    select: ({ presence }) => byPerson(presence.filter((one) => workspace === undefined || one.workspace_id === workspace)),
    refetchInterval: BEAT_MS,
  });
}

/** One a person, those who are busy first, then who came last. */
export function byPerson(present: readonly Present[]): Present[] {
  const people = new Map<string, Present>();
  for (const one of present) {
    const before = people.get(one.user);
    if (!before || Number(before.idle) > Number(one.idle) || (before.idle === one.idle && before.last_seen < one.last_seen)) people.set(one.user, one);
  }
  return [...people.values()].sort((a, b) => Number(a.idle ?? false) - Number(b.idle ?? false) || (a.joined_at < b.joined_at ? 1 : -1));
}
