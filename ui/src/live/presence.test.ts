import { beforeEach, describe, expect, it } from "vitest";
import { BEAT_MS, doingOf, IDLE_MS, type Place, Presence, type PresencePorts } from "./presence";

class World implements PresencePorts {
  time = 0;
  status = 200;
  sent: { path: string; body: Record<string, unknown> }[] = [];
  #timers: { at: number; what: () => void }[] = [];

  post = (path: string, body: unknown) => {
    this.sent.push({ path: path.replace("/realtime/presence/", ""), body: body as Record<string, unknown> });
    return Promise.resolve(this.status);
  };
  beacon = (path: string, body: unknown) => {
    this.sent.push({ path: `beacon ${path.replace("/realtime/presence/", "")}`, body: body as Record<string, unknown> });
  };
  now = () => this.time;
  later = (ms: number, what: () => void) => {
    const timer = { at: this.time + ms, what };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  async pass(ms: number) {
    const end = this.time + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = next.at;
      next.what();
      await Promise.resolve();
      await Promise.resolve();
    }
    this.time = end;
  }
  paths() {
    return this.sent.map((one) => one.path);
  }
}

const place = (page: string, doing: string | null = null): Place => ({ workspace: "finance", page, doing });

let world: World;
let presence: Presence;
beforeEach(() => {
  world = new World();
  presence = new Presence("tab1", world);
});

describe("presence", () => {
  it("joins with the first page, then says every 15 s that it is here", async () => {
    presence.at(place("/runs"));
    await world.pass(0);
    expect(world.sent).toEqual([
      { path: "join", body: { client_id: "tab1", workspace_id: "finance", page: "/runs", doing: null } },
    ]);
    await world.pass(3 * BEAT_MS);
    expect(world.paths()).toEqual(["join", "heartbeat", "heartbeat", "heartbeat"]);
  });

  it("tells a new place soon, once, however it came about", async () => {
    presence.at(place("/inbox"));
    await world.pass(1_000);
    presence.at(place("/inbox/t_1"));
    presence.at(place("/inbox/t_1", "decides:EXP-1"));
    await world.pass(1_000);
    expect(world.paths()).toEqual(["join", "heartbeat"]);
    expect(world.sent[1]?.body).toMatchObject({ page: "/inbox/t_1", doing: "decides:EXP-1" });
  });

  it("joins again when the server has forgotten it or was away", async () => {
    presence.at(place("/runs"));
    await world.pass(0);
    world.status = 404;
    await world.pass(BEAT_MS);
    world.status = 200;
    await world.pass(2 * BEAT_MS);
    expect(world.paths()).toEqual(["join", "heartbeat", "join", "heartbeat"]);
  });

  it("is idle after five minutes, and not idle at the first touch", async () => {
    presence.at(place("/runs", "edits:draft"));
    await world.pass(IDLE_MS + BEAT_MS);
    expect(world.sent.at(-1)?.body).toMatchObject({ page: "/runs", doing: "idle" });
    presence.touched();
    await world.pass(0);
    expect(world.sent.at(-1)?.body).toMatchObject({ doing: "edits:draft" });
  });

  it("leaves by a beacon, is silent then, and comes back", async () => {
    presence.at(place("/runs"));
    await world.pass(0);
    presence.leave();
    await world.pass(10 * BEAT_MS);
    expect(world.paths()).toEqual(["join", "beacon leave"]);
    presence.back();
    await world.pass(0);
    expect(world.paths()).toEqual(["join", "beacon leave", "join"]);
  });

  it("leaves also while its joining is on the way", async () => {
    presence.at(place("/runs"));
    const joining = world.pass(0);
    presence.leave();
    await joining;
    expect(world.paths()).toEqual(["join", "beacon leave"]);
  });

  it("has nothing to leave before it joined", () => {
    presence.leave();
    expect(world.sent).toEqual([]);
  });

  it("reads what somebody does", () => {
    expect(doingOf("decides:EXP-1:a")).toEqual({ verb: "decides", object: "EXP-1:a" });
    expect(doingOf("idle")).toEqual({ verb: "idle", object: null });
    expect(doingOf(null)).toEqual({ verb: "reads", object: null });
  });
});
