import { act, fireEvent } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { changeSettings } from "~/settings/store";
import { show } from "~/test/render";
import { GoTo } from "./goto/GoTo";
import { addProvider, fit, searchAll } from "./goto/providers";
import { hearKeys, useShortcuts, walkPanes } from "./keys";
import { capsOf, comboOf, isSingle } from "./keys/combo";
import { KeySheet } from "./keys/KeySheet";
import type { Shortcuts } from "./keys/registry";
import { layoutOf } from "./layout";
import { announce, BannerPlace, LiveRegion, toast, Toasts, useBanner } from "./notices";
import { silence } from "./notices/announce";
import { oneOf, searchOf, text, whole } from "./search";
import { open } from "./sidebar/counts";
import { lookOf } from "./sidebar/Foot";

function Keys({ page = "runs", shortcuts }: { page?: "runs" | "anywhere"; shortcuts: Shortcuts }) {
  useShortcuts(page, shortcuts);
  return null;
}

beforeEach(() => {
  changeSettings({ singleKeys: true });
  silence();
  return hearKeys();
});

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

describe("keys", () => {
  test.each([
    [press("j"), "j"],
    [press("X", { shiftKey: true }), "Shift+X"],
    [press("k", { ctrlKey: true }), "Mod+K"],
    [press("k", { metaKey: true }), "Mod+K"],
    [press("?", { shiftKey: true }), "?"],
    [press("F6", { shiftKey: true }), "Shift+F6"],
    [press(" "), "Space"],
    [press("Enter", { ctrlKey: true }), "Mod+Enter"],
  ])("%j is %s", (event, name) => expect(comboOf(event)).toBe(name));

  test("caps, and which combinations are single keys", () => {
    expect([capsOf("Mod+K"), capsOf("Escape"), capsOf("+")]).toEqual([["Ctrl", "K"], ["Esc"], ["+"]]);
    expect(["j", "g h", "Shift+X", "?", "Mod+K", "Escape", "F6"].map(isSingle)).toEqual([true, true, true, true, false, false, false]);
  });

  test("single keys, sequences, the latest group first, passing on with false", async () => {
    const calls: string[] = [];
    const call = (name: string, answer?: false) => ({ label: "keys.home" as const, run: () => (calls.push(name), answer) });
    await show(
      <>
        <Keys page="anywhere" shortcuts={{ n: call("low n"), "g h": call("g h"), h: call("h"), q: call("low q") }} />
        <Keys shortcuts={{ n: call("n"), q: call("q", false) }} />
      </>,
    );
    await userEvent.keyboard("nq");
    await userEvent.keyboard("ghh");
    expect(calls).toEqual(["n", "q", "low q", "g h", "h"]);
  });

  test("a sequence is over after a while", async () => {
    const run = vi.fn();
    await show(<Keys shortcuts={{ "g h": { label: "keys.home", run } }} />);
    fireEvent.keyDown(document.body, { key: "g", timeStamp: 0 });
    const late = new KeyboardEvent("keydown", { key: "h", bubbles: true });
    Object.defineProperty(late, "timeStamp", { value: 1e9 });
    document.body.dispatchEvent(late);
    expect(run).not.toHaveBeenCalled();
  });

  test("in a field single keys are text; keys with Ctrl work where they say so", async () => {
    const [single, control] = [vi.fn(), vi.fn()];
    const { getByRole } = await show(
      <>
        <input />
        <Keys shortcuts={{ n: { label: "keys.home", run: single }, "Mod+K": { label: "keys.goto", run: control, inFields: true } }} />
      </>,
    );
    await userEvent.type(getByRole("textbox"), "n{Control>}k{/Control}");
    expect([single.mock.calls.length, control.mock.calls.length]).toEqual([0, 1]);
    expect((getByRole("textbox") as HTMLInputElement).value).toBe("n");
  });

  test("single keys can be switched off; the others stay", async () => {
    const [single, escape] = [vi.fn(), vi.fn()];
    await show(<Keys shortcuts={{ n: { label: "keys.home", run: single }, "g h": { label: "keys.home", run: single }, Escape: { label: "keys.escape", run: escape } }} />);
    changeSettings({ singleKeys: false });
    await userEvent.keyboard("ngh{Escape}");
    expect([single.mock.calls.length, escape.mock.calls.length]).toEqual([0, 1]);
  });

  test("a dialog keeps its keys, also before it has the focus; only what says so holds meanwhile", async () => {
    const [run, goTo] = [vi.fn(), vi.fn()];
    const key = { label: "keys.home", run, inFields: true } as const;
    const { getByRole } = await show(
      <>
        <div role="dialog" aria-modal="true">
          <button type="button">x</button>
        </div>
        <Keys shortcuts={{ n: key, "g h": key, Escape: key, F6: key, "Mod+Enter": key, "Mod+K": { ...key, run: goTo, inDialogs: true } }} />
      </>,
    );
    const every = "ngh{Escape}{F6}{Control>}{Enter}k{/Control}";
    await userEvent.keyboard(every);
    getByRole("button").focus();
    await userEvent.keyboard(every);
    expect([run.mock.calls.length, goTo.mock.calls.length]).toEqual([0, 2]);
  });

  test("the sheet shows what holds now, page first, keys of one action together", async () => {
    const nothing = { label: "keys.down" } as const;
    const { findByText, getAllByRole } = await show(
      <>
        <Keys page="anywhere" shortcuts={{ "?": { label: "keys.help" } }} />
        <Keys shortcuts={{ j: nothing, ArrowDown: nothing }} />
        <KeySheet opened onClose={() => undefined} />
      </>,
    );
    const row = (await findByText("Next row")).parentElement;
    expect([...(row?.querySelectorAll("kbd") ?? [])].map((cap) => cap.textContent)).toEqual(["J", "↓"]);
    expect(getAllByRole("heading", { level: 3 }).map((head) => head.textContent)).toEqual(["Runs", "Anywhere"]);
  });

  test("F6 walks the panes and goes round", async () => {
    await show(
      <>
        <nav data-pane="nav" />
        <main data-pane="main">
          <button type="button">x</button>
        </main>
      </>,
    );
    for (const pane of document.querySelectorAll<HTMLElement>("[data-pane]")) pane.getClientRects = () => [{}] as never;
    const at = () => (document.activeElement as HTMLElement).dataset.pane;
    walkPanes(1);
    expect(at()).toBe("nav");
    walkPanes(1);
    expect(at()).toBe("main");
    walkPanes(1);
    expect(at()).toBe("nav");
    walkPanes(-1);
    expect(at()).toBe("main");
  });
});

describe("go to anything", () => {
  const search = () => [
    { id: "1", kind: "run" as const, label: "EXP-2041", detail: "Lisbon offsite", to: "/runs/1" },
    { id: "2", kind: "page" as const, label: "Runs", to: "/runs" },
  ];

  test("every word must fit; beginnings count more", () => {
    expect(fit("Lisbon offsite", "off lis")).toBeGreaterThan(fit("Lisbon offsite", "bon"));
    expect(fit("Lisbon offsite", "lisbon x")).toBe(0);
  });

  test("pages before runs; a provider that fails offers nothing", async () => {
    const leave = [addProvider({ id: "a", search }), addProvider({ id: "b", search: () => Promise.reject(new Error("down")) })];
    const found = await searchAll("", new AbortController().signal);
    expect(found.map(({ label }) => label)).toEqual(["Runs", "EXP-2041"]);
    for (const one of leave) one();
  });

  test("typing, arrows, Enter follow a target", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no server")));
    const leave = addProvider({ id: "a", search });
    const onClose = vi.fn();
    const { findByRole, findAllByRole, path } = await show(<GoTo opened onClose={onClose} />);
    const field = await findByRole("combobox");
    await userEvent.type(field, "r");
    await vi.waitFor(async () => expect((await findAllByRole("option")).map((one) => one.textContent)).toEqual(["Runs"]));
    await userEvent.clear(field);
    await vi.waitFor(async () => expect(await findAllByRole("option")).toHaveLength(2));
    await userEvent.keyboard("{ArrowDown}");
    expect(document.getElementById(field.getAttribute("aria-activedescendant") ?? "")?.textContent).toContain("EXP-2041");
    await userEvent.keyboard("{Enter}");
    expect(onClose).toHaveBeenCalled();
    await vi.waitFor(() => expect(path()).toBe("/runs/1"));
    leave();
    vi.unstubAllGlobals();
  });
});

describe("notices", () => {
  test("announcements: the first at once, the rest together after 5 s, what is for me at once", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { getByTestId, getByRole } = await show(<LiveRegion />);
    const polite = () => getByTestId("polite").textContent;
    act(() => announce("1 run completed"));
    expect(polite()).toBe("1 run completed");
    act(() => announce("2 runs completed"));
    act(() => announce("1 failed"));
    expect(polite()).toBe("1 run completed");
    await act(() => vi.advanceTimersByTimeAsync(5_000));
    expect(polite()).toBe("2 runs completed. 1 failed");
    act(() => announce("A decision waits for you", "now"));
    expect(polite()).toBe("A decision waits for you");
    act(() => announce("It did not work", "assertive"));
    expect(getByRole("alert").textContent).toBe("It did not work");
    vi.useRealTimers();
  });

  test("a toast goes after 8 s, not while it is looked at; errors stay", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { queryByText, getByText } = await show(<Toasts />);
    act(() => toast({ text: "Claimed", action: { label: "Undo", run: () => undefined } }));
    act(() => toast({ text: "Refused", error: true }));
    fireEvent.mouseEnter(getByText("Claimed").parentElement as HTMLElement);
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(queryByText("Claimed")).toBeTruthy();
    fireEvent.mouseLeave(getByText("Claimed").parentElement as HTMLElement);
    await act(() => vi.advanceTimersByTimeAsync(8_100));
    expect(queryByText("Claimed")).toBeNull();
    expect(queryByText("Refused")).toBeTruthy();
    vi.useRealTimers();
  });

  function Two() {
    useBanner("version", { tone: "plain", rank: 1, text: "A new version" });
    useBanner("stream", { tone: "retrying", rank: 3, text: "Connection lost" });
    return <BannerPlace />;
  }

  test("one banner at a time, the most pressing", async () => {
    const { queryByText } = await show(<Two />);
    expect([queryByText("Connection lost"), queryByText("A new version")].map(Boolean)).toEqual([true, false]);
  });
});

test("the shell by width, page and what was set", () => {
  const wide = { narrow: false, medium: false, wide: true };
  expect(layoutOf({ ...wide, narrow: true, medium: true }, "/", "open")).toBe("bottom");
  expect(layoutOf({ ...wide, medium: true }, "/", "open")).toBe("rail");
  expect(layoutOf(wide, "/runs", "auto")).toBe("sidebar");
  expect(layoutOf(wide, "/runs/r1", "auto")).toBe("rail");
  expect(layoutOf(wide, "/runs/r1", "open")).toBe("sidebar");
  expect(layoutOf({ ...wide, wide: false }, "/runs", "auto")).toBe("rail");
  expect(layoutOf({ ...wide, wide: false }, "/", "auto")).toBe("sidebar");
  expect(layoutOf(wide, "/runs", "rail")).toBe("rail");
});

test("search parameters that are not as they should be are left out", () => {
  const read = searchOf({ q: text, tab: oneOf("timeline", "trail"), seq: whole });
  expect(read({ q: "a", tab: "trail", seq: 3, other: 1 })).toEqual({ q: "a", tab: "trail", seq: 3 });
  expect(read({ q: "", tab: "x", seq: -1 })).toEqual({});
  expect(read({ q: 2041 })).toEqual({ q: "2041" });
});

test("the foot tells a loss after 2 s only", () => {
  expect(lookOf({ phase: "reconnecting", loss: "none" }).key).toBe("shell.stream.live");
  expect(lookOf({ phase: "reconnecting", loss: "foot" }).key).toBe("shell.stream.reconnecting");
  expect(lookOf({ phase: "closed", loss: "banner" }).key).toBe("shell.stream.closed");
});

test("runs that are not over", () => {
  expect(open({ running: 14, waiting: 20, completed: 351, failed: 3, cancelled: 8, paused: 4 })).toBe(38);
});
