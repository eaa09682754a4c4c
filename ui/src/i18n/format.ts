// Durations, clock times, money, sizes: one way each, in the person's zone and language.
import { language, translate } from "./messages";

// Making a formatter costs a hundred times what using it does; lists use the same few over and over.
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const key = `n ${language()} ${JSON.stringify(options)}`;
  const found = (made.get(key) as Intl.NumberFormat | undefined) ?? new Intl.NumberFormat(language(), options);
  made.set(key, found);
  return found;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const tag = language() === "en" ? "en-GB" : language();
  const key = `d ${tag} ${JSON.stringify(options)}`;
  const found = (made.get(key) as Intl.DateTimeFormat | undefined) ?? new Intl.DateTimeFormat(tag, options);
  made.set(key, found);
  return found;
}

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

// largest unit first: [size in ms, key, what stands beside it]
const UNITS = [
  [D, "words.duration.d"],
  [H, "words.duration.h"],
  [M, "words.duration.m"],
  [S, "words.duration.s"],
] as const;

/** "2 h 13 m", "58 s", "4.1 s", "38 ms": two units at most, the second only beside hours, minutes and days. */
export function duration(ms: number): string {
  const size = Math.max(0, ms);
  if (size < S) return translate("words.duration.ms", { n: Math.round(size) });
  if (size < 10 * S) {
    const n = numbers({ maximumFractionDigits: 1 }).format(Math.floor(size / 100) / 10);
    return translate("words.duration.s", { n });
  }
  const at = UNITS.findIndex(([unit]) => size >= unit);
  const [unit, key] = UNITS[at] ?? UNITS[3];
  const first = translate(key, { n: Math.floor(size / unit) });
  const next = UNITS[at + 1];
  const rest = next ? Math.floor((size % unit) / next[0]) : 0;
  return next && rest > 0 ? `${first} ${translate(next[1], { n: String(rest).padStart(2, "0") })}` : first;
}

/** "0:18", "2:05", "1:02:05": what is left, as a clock. */
export function countdown(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / S));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

/** "09:38", with the date only if that is not today: "14 Jul 09:38", and the year if it is another one. */
export function clock(time: string | number | Date, options: { now?: number; seconds?: boolean } = {}): string {
  const at = new Date(time);
  const now = new Date(options.now ?? Date.now());
  const hours = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const shown = dates(options.seconds ? { ...hours, second: "2-digit" } : hours).format(at);
  return sameDay(at, now) ? shown : `${day(at, now)} ${shown}`;
}

/** "14 Jul", "14 Jul 2025". */
export function day(time: string | number | Date, now: Date = new Date()): string {
  const at = new Date(time);
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return dates({ day: "numeric", month: "short", ...year }).format(at);
}

/** "Tuesday 14 July", the head of a day. */
export function weekday(time: string | number | Date): string {
  return dates({ weekday: "long", day: "numeric", month: "long" }).format(new Date(time)).replace(",", "");
}

/** "Tuesday 14 July, 11:51". */
export function moment(time: string | number | Date): string {
  return `${weekday(time)}, ${clock(time, { now: +new Date(time) })}`;
}

/** All of a point in time, for titles: "14 July 2026 at 11:51:52". */
export function whole(time: string | number | Date): string {
  return dates({ dateStyle: "long", timeStyle: "medium" }).format(new Date(time));
}

/** "€0.19", "$1,284.50"; null is "unknown", never 0. */
export function money(amount: number | string | null | undefined, currency = "USD"): string {
  if (amount === null || amount === undefined) return translate("words.unknown");
  return numbers({ style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(Number(amount));
}

/** "48,213". */
export function number(value: number): string {
  return numbers().format(value);
}

/** Counts beside a name: null while it is not known. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return translate("components.counts.unknown");
  return value > 9999 ? translate("components.counts.many") : number(value);
}

/** "2.1 MiB". */
export function bytes(size: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
  const shown = numbers({ maximumFractionDigits: power === 0 ? 0 : 1 }).format(size / 2 ** (10 * power));
  return `${shown} ${units[power] ?? "B"}`;
}

/**
 * The message of an error as a sentence of its own: it begins large and ends with a full stop. A first word that is a name (with
 * points, digits, capitals or underscores) stays as it is.
 */
export function sentence(message: string): string {
  const text = message.trim();
  if (text === "") return "";
  const begun = /^\p{Ll}{2,}(?=[\s,;:]|$)/u.test(text) ? text.charAt(0).toLocaleUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
