// That this tab is here, and what the person does in it. Joined when the first page stands, told again every 15 s (the server
// forgets a tab after 45 s), and at once when page or doing change; a tab that closes says so by a beacon. What is told is a
// path and a verb with its object ("decides:EXP-2050"), so that each reader sees it in his own language.

export interface Place {
  workspace: string | null;
  /** Path of the page, "/runs/r_1". */
  page: string;
  /** "verb" or "verb:object"; null: reads. */
  doing: string | null;
}

export interface PresencePorts {
  /** Sends; the answer is the status, 0 if there was none. */
  post: (path: string, body: unknown) => Promise<number>;
  /** Sends even while the page goes away. */
  beacon: (path: string, body: unknown) => void;
  now: () => number;
  /** Calls `what` after `ms`; the answer takes that back. */
  later: (ms: number, what: () => void) => () => void;
}

export const BEAT_MS = 15_000;
export const IDLE_MS = 5 * 60_000;
const SETTLE_MS = 400; // a click on a link changes page and doing one after the other

const JOIN = "/realtime/presence/join";
const BEAT = "/realtime/presence/heartbeat";
const LEAVE = "/realtime/presence/leave";

export class Presence {
  readonly client: string;
  readonly #ports: PresencePorts;
  #place: Place | null = null;
  #joined = false;
  #touched: number;
  #idle = false;
  #stop = () => {};

  constructor(client: string, ports: PresencePorts) {
    this.client = client;
    this.#ports = ports;
    this.#touched = ports.now();
  }

  /** Where the person is now. The first call joins. */
  at(place: Place): void {
    const first = this.#place === null;
    this.#place = place;
    this.#again(first ? 0 : SETTLE_MS);
  }

  /** The person moved something: not idle. */
  touched(): void {
    this.#touched = this.#ports.now();
    if (this.#idle) this.#again(0);
  }

  /** The tab closes or is put aside. */
  leave(): void {
    this.#stop();
    if (!this.#joined) return;
    this.#joined = false;
    this.#ports.beacon(LEAVE, { client_id: this.client });
  }

  /** The tab was taken from the browser's cache: here again. */
  back(): void {
    if (this.#place) this.#again(0);
  }

  #again(ms: number): void {
    this.#stop();
    this.#stop = this.#ports.later(ms, () => void this.#tell());
  }

  async #tell(): Promise<void> {
    const place = this.#place;
    if (!place) return;
    this.#idle = this.#ports.now() - this.#touched >= IDLE_MS;
    const doing = this.#idle ? "idle" : place.doing;
    const body = { client_id: this.client, workspace_id: place.workspace, page: place.page, doing };
    const next = this.#ports.later(BEAT_MS, () => void this.#tell());
    this.#stop = next;
    const path = this.#joined ? BEAT : JOIN;
    this.#joined = true; // from now on there may be something to leave
    const status = await this.#ports.post(path, body);
    // Forgotten (a laptop that slept, a server that started again): the next turn joins anew.
    if (status < 200 || status >= 300) this.#joined = false;
  }
}

/** "decides:EXP-2050" → its two parts. */
export function doingOf(text: string | null | undefined): { verb: string; object: string | null } {
  if (!text) return { verb: "reads", object: null };
  const colon = text.indexOf(":");
  return colon < 0 ? { verb: text, object: null } : { verb: text.slice(0, colon), object: text.slice(colon + 1) };
}
