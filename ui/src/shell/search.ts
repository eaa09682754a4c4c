// Readers of search parameters. What is not as it should be is left out: an old link still opens its page.

/** The search of an address as plain texts, a list where a name stands there several times: `?status=failed&status=paused`. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = search[name];
    search[name] = before === undefined ? value : [before, value].flat();
  }
  return search;
}

/** The other way; what is undefined is left out. */
export function writeSearch(search: Record<string, unknown>): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of [value].flat()) if (one !== undefined && one !== null) all.append(name, String(one));
  }
  const text = all.toString();
  return text === "" ? "" : `?${text}`;
}

type Reader<T> = (value: unknown) => T | undefined;

export const text: Reader<string> = (value) => (typeof value === "string" ? value || undefined : typeof value === "number" ? String(value) : undefined);

export const whole: Reader<number> = (value) => (typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined);

export function oneOf<const T extends string>(...values: T[]): Reader<T> {
  return (value) => values.find((one) => one === value);
}

type Read<R extends Record<string, Reader<unknown>>> = { [K in keyof R]?: NonNullable<ReturnType<R[K]>> };

/** `validateSearch` of a route: `searchOf({ q: text, tab: oneOf("timeline", "trail"), visit: text })`. */
export function searchOf<R extends Record<string, Reader<unknown>>>(readers: R): (search: Record<string, unknown>) => Read<R> {
  return (search) => {
    const found: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(readers)) {
      const value = read(search[name]);
      if (value !== undefined) found[name] = value;
    }
    return found as Read<R>;
  };
}
