// The one way to the server: same origin, the session's cookie, JSON, one error shape.
import { ApiError, errorOf } from "./errors";
import type { Answer, Body, Method, Path } from "./types";

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>;

export interface Options<B> {
  /** Values for the `{names}` in the path. */
  params?: Record<string, string | number>;
  query?: Query;
  body?: B;
  /** A file as the body, as it is, instead of JSON. */
  file?: Blob;
  /** Repeats of a request with the same key have one effect. See `idempotencyKey`. */
  key?: string;
  signal?: AbortSignal;
}

/** 32 hex digits by chance. Not `crypto.randomUUID`: a browser has that on https and on this machine alone. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A key for one intention of a person: made when the dialog opens, kept over retries of the request. */
export function idempotencyKey(): string {
  return newId();
}

/** The address of a call: names filled in and escaped, empty query values left out. */
export function addressOf(path: string, params: Record<string, string | number> = {}, query: Query = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Is called whenever the server answers 401. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

async function read(answer: Response): Promise<unknown> {
  if (answer.status === 204) return undefined;
  const type = answer.headers.get("content-type") ?? "";
  return type.includes("json") ? await answer.json() : await answer.text();
}

/**
 * One call. `path` is written as in the OpenAPI document, names in braces; answer and body are typed from it.
 * Throws `ApiError` only (or the AbortError of `signal`).
 */
export async function request<M extends Method, P extends Path<M>>(
  method: M,
  path: P,
  options: Options<Body<M, P>> = {},
): Promise<Answer<M, P>> {
  const headers = new Headers({ accept: "application/json" });
  if (options.body !== undefined) headers.set("content-type", "application/json");
  if (options.file !== undefined) headers.set("content-type", options.file.type || "application/octet-stream");
  if (options.key) headers.set("idempotency-key", options.key);
  const init: RequestInit = { method: method.toUpperCase(), headers, credentials: "same-origin", redirect: "error" };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.file !== undefined) init.body = options.file;
  if (options.signal) init.signal = options.signal;

  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(addressOf(path, options.params, options.query), init);
    body = await read(answer);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, {
      code: "SERVER_UNREACHABLE",
      message: "The server did not answer.",
      hint: "Is `worktrail serve` running? It is tried again.",
    });
  }
  if (answer.ok) return body as Answer<M, P>;
  if (answer.status === 401) for (const listener of signedOut) listener();
  throw errorOf(answer.status, body);
}
