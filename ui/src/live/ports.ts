// What the hub needs of the world, so that its tests bring their own.

export interface Ports {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  /** Calls `what` after `ms`; the answer takes that back. */
  later: (ms: number, what: () => void) => () => void;
  /** 0 ≤ x < 1 */
  random: () => number;
}

export const browser: Ports = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  later: (ms, what) => {
    const timer = setTimeout(what, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
