// A list that is being read. Rule: its order never changes under the reader. What is shown is renewed in place; what no longer
// belongs stays, marked as left, until the list is read again; what came anew waits, counted, until the reader asks for it.

export interface Held<T> {
  readonly items: readonly T[];
  /** Keys of shown items that no longer belong here. */
  readonly left: ReadonlySet<string>;
  /** What waits to be shown, in the order of the list. */
  readonly fresh: readonly T[];
}

export interface News<T> {
  /** Items as they are now: those of the list that changed, and those that may have come anew. */
  changed: readonly T[];
  /** Keys of those that belong to the list. */
  fits: ReadonlySet<string>;
  /** Keys of shown items that are gone altogether, so that no newer state of them is known. */
  gone?: ReadonlySet<string>;
}

export interface Order<T> {
  key: (item: T) => string;
  /** Below 0: the first stands before the second. */
  compare: (a: T, b: T) => number;
  /** Whether more of the list can be read behind its last item: what belongs there will come by reading on. */
  open: boolean;
}

const NONE: ReadonlySet<string> = new Set();

export function held<T>(items: readonly T[]): Held<T> {
  return { items, left: NONE, fresh: [] };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function renewed<T>(items: readonly T[], changed: Map<string, T>, key: (item: T) => string): readonly T[] {
  let different = false;
  const next = items.map((item) => {
    const now = changed.get(key(item));
    if (now === undefined || same(item, now)) return item;
    different = true;
    return now;
  });
  return different ? next : items;
}

function leftOf<T>(list: Held<T>, news: News<T>, key: (item: T) => string): ReadonlySet<string> {
  const shown = new Set(list.items.map(key));
  const left = new Set(list.left);
  for (const item of news.changed) {
    const name = key(item);
    if (shown.has(name)) left[news.fits.has(name) ? "delete" : "add"](name);
  }
  for (const name of news.gone ?? NONE) if (shown.has(name)) left.add(name);
  return left.size === list.left.size && [...left].every((name) => list.left.has(name)) ? list.left : left;
}

function freshOf<T>(list: Held<T>, news: News<T>, order: Order<T>): readonly T[] {
  const shown = new Set(list.items.map(order.key));
  const last = list.items.at(-1);
  const waiting = new Map(list.fresh.map((item) => [order.key(item), item]));
  for (const item of news.changed) {
    const name = order.key(item);
    if (shown.has(name)) continue;
    const beyond = order.open && last !== undefined && order.compare(item, last) > 0;
    if (news.fits.has(name) && !beyond) waiting.set(name, item);
    else waiting.delete(name);
  }
  for (const name of news.gone ?? NONE) waiting.delete(name);
  const fresh = [...waiting.values()].sort(order.compare);
  return same(fresh, list.fresh) ? list.fresh : fresh;
}

/** The list after `news`; the very same object if they change nothing that is shown or counted. */
export function absorb<T>(list: Held<T>, news: News<T>, order: Order<T>): Held<T> {
  const changed = new Map(news.changed.map((item) => [order.key(item), item]));
  const next = { items: renewed(list.items, changed, order.key), left: leftOf(list, news, order.key), fresh: freshOf(list, news, order) };
  return next.items === list.items && next.left === list.left && next.fresh === list.fresh ? list : next;
}

/** As `absorb`, where the whole list was read anew: what is missing in it is gone. */
export function compareWith<T>(list: Held<T>, now: readonly T[], order: Order<T>): Held<T> {
  const names = new Set(now.map(order.key));
  const gone = new Set([...list.items, ...list.fresh].map(order.key).filter((name) => !names.has(name)));
  return absorb(list, { changed: now, fits: names, gone }, order);
}

/** The reader asks for what waits: it takes its places in the list. What left stays until the list is read again. */
export function release<T>(list: Held<T>, order: Order<T>): Held<T> {
  if (list.fresh.length === 0) return list;
  const items = [...list.items];
  for (const item of list.fresh) {
    const place = items.findIndex((other) => order.compare(item, other) < 0);
    items.splice(place < 0 ? items.length : place, 0, item);
  }
  return { items, left: list.left, fresh: [] };
}

/** A further page behind the last item; what is shown already is renewed and stands once. */
export function extend<T>(list: Held<T>, page: readonly T[], order: Order<T>): Held<T> {
  const shown = new Set(list.items.map(order.key));
  const names = new Set(page.map(order.key));
  const more = page.filter((item) => !shown.has(order.key(item)));
  return {
    items: [...renewed(list.items, new Map(page.map((item) => [order.key(item), item])), order.key), ...more],
    left: new Set([...list.left].filter((name) => !names.has(name))),
    fresh: list.fresh.filter((item) => !names.has(order.key(item))),
  };
}
