import { beforeEach, expect, test, vi } from "vitest";
import { addressOf, idempotencyKey, newId, onSignedOut, request } from "./client";
import { ApiError, errorOf, shapeOf } from "./errors";
import { worthAnother } from "./query";

const calls: Request[] = [];
let answers: Response[] = [];

beforeEach(() => {
  calls.length = 0;
  answers = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    calls.push(new Request(new URL(url, "http://host"), init));
    const answer = answers.shift();
    if (!answer) throw new TypeError("no server");
    return answer;
  });
  return () => vi.unstubAllGlobals();
});

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

test("addresses: names escaped, empty values left out, lists repeated", () => {
  expect(addressOf("/api/v1/runs/{run_id}", { run_id: "a/b ?" }, { q: "", n: 0, state: ["a", "b"], no: null })).toBe("/api/v1/runs/a%2Fb%20%3F?n=0&state=a&state=b");
  expect(() => addressOf("/api/v1/runs/{run_id}")).toThrow("needs run_id");
});

test("a call: same origin, JSON, the key of its intention", async () => {
  answers = [json({ run_id: "r1" }, 201)];
  expect(await request("post", "/api/v1/runs", { body: { segment_id: "s" } as never, key: "k1" })).toEqual({ run_id: "r1" });
  const [call] = calls;
  expect([call?.method, call?.headers.get("content-type"), call?.headers.get("idempotency-key")]).toEqual(["POST", "application/json", "k1"]);
  expect(await call?.json()).toEqual({ segment_id: "s" });
  expect(call?.redirect).toBe("error");
});

test("a refusal comes as the one shape", async () => {
  answers = [json({ code: "RUN_ENDED", message: "It ended.", hint: "Start anew.", pointer: "/x" }, 409)];
  const error = await request("get", "/api/v1/me").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 409, code: "RUN_ENDED", shape: { hint: "Start anew.", pointer: "/x" } });
});

test("what is not ours is told as such", () => {
  expect(errorOf(502, "<html>Bad gateway</html>").code).toBe("HTTP_502");
  expect(shapeOf(new Error("x"))).toMatchObject({ code: "PAGE_BROKE", message: "x" });
});

test("no server is an error with a hint; an aborted call stays an abort", async () => {
  await expect(request("get", "/api/v1/me")).rejects.toMatchObject({ status: 0, code: "SERVER_UNREACHABLE" });
  const control = new AbortController();
  control.abort();
  await expect(request("get", "/api/v1/me", { signal: control.signal })).rejects.not.toBeInstanceOf(ApiError);
});

test("401 tells whoever listens", async () => {
  answers = [json({ code: "UNAUTHENTICATED", message: "Nobody.", hint: "" }, 401)];
  const heard = vi.fn();
  const leave = onSignedOut(heard);
  await request("get", "/api/v1/me").catch(() => undefined);
  leave();
  expect(heard).toHaveBeenCalledOnce();
});

test("refusals are not tried again, lost answers are, three times", () => {
  const error = (status: number) => new ApiError(status, { code: "X", message: "", hint: "" });
  expect([worthAnother(0, error(409)), worthAnother(0, error(503)), worthAnother(0, error(0)), worthAnother(3, error(503))]).toEqual([false, true, true, false]);
});

test("an id is made where a browser has no randomUUID", () => {
  const ids = new Set([newId(), newId(), idempotencyKey()]);
  expect([...ids].every((id) => /^[0-9a-f]{32}$/.test(id)) && ids.size === 3).toBe(true);
});
