import { act } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { ApiError } from "~/api";
import { show } from "~/test/render";
import { Banner, ConfirmDialog, EmptyState, ErrorBlock, Skeleton } from ".";

const REFUSED = new ApiError(409, { code: "RUN_ENDED", message: "The run ended at 11:20.", hint: "Start a new one.", pointer: "/visit" });

test("an error says what is, what to do, its code and place, and can be tried again and copied", async () => {
  const again = vi.fn();
  const user = userEvent.setup();
  const { getByText, getByRole } = await show(<ErrorBlock error={REFUSED} onRetry={again} />);
  for (const text of ["The run ended at 11:20.", "Start a new one.", "RUN_ENDED", "/visit"]) expect(getByText(text)).toBeTruthy();
  await user.click(getByRole("button", { name: "Try again" }));
  expect(again).toHaveBeenCalledOnce();
  await user.click(getByRole("button", { name: "Copy details" }));
  expect(JSON.parse(await navigator.clipboard.readText())).toMatchObject({ code: "RUN_ENDED", pointer: "/visit" });
});

test("what is thrown without a code still is told in the one shape", async () => {
  const { getByText } = await show(<ErrorBlock error={new Error("x is undefined")} title="This page broke" />);
  for (const text of ["This page broke", "x is undefined.", "PAGE_BROKE"]) expect(getByText(text)).toBeTruthy();
});

test("an empty state teaches and has one action", async () => {
  const { getByText, getByRole } = await show(<EmptyState action={<button type="button">Start a run</button>}>Runs stand here.</EmptyState>);
  expect(getByText("Runs stand here.")).toBeTruthy();
  expect(getByRole("button")).toBeTruthy();
});

test("bones come after 150 ms, not before, and never more than a screen of them", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { container } = await show(<Skeleton rows={99} columns={[14, "1fr"]} />);
  const bones = () => container.querySelectorAll("[aria-hidden=true] > span").length;
  expect(container.querySelector("[aria-busy=true]")).toBeTruthy();
  expect(bones()).toBe(0);
  await act(() => vi.advanceTimersByTimeAsync(200));
  expect(bones()).toBe(48);
  vi.useRealTimers();
});

test("a banner has its actions", async () => {
  const { getByText } = await show(
    <Banner tone="retrying" actions={<button type="button">Try now</button>}>
      Connection lost
    </Banner>,
  );
  expect(getByText("Try now")).toBeTruthy();
});

interface Asked {
  missing?: string | null;
  confirm?: () => Promise<unknown>;
  close?: () => void;
}

const ask = ({ missing = null, confirm = async () => undefined, close = () => undefined }: Asked) =>
  show(
    <ConfirmDialog opened onClose={close} title="Cancel 4 runs?" action="Cancel 4 runs" keep="Keep them running" destructive missing={missing} onConfirm={confirm}>
      3 stop at once, 1 waits for pay.
    </ConfirmDialog>,
  );

test("a dialog spells the consequence, focuses the safe button, and closes when it is done", async () => {
  const [confirm, close] = [vi.fn(async () => undefined), vi.fn()];
  const { findByRole, getByText } = await ask({ confirm, close });
  const safe = await findByRole("button", { name: "Keep them running" });
  expect(safe.hasAttribute("data-autofocus")).toBe(true);
  expect(getByText("3 stop at once, 1 waits for pay.")).toBeTruthy();
  await userEvent.click(await findByRole("button", { name: "Cancel 4 runs" }));
  expect([confirm.mock.calls.length, close.mock.calls.length]).toEqual([1, 1]);
});

test("a dialog with something missing does nothing and says what", async () => {
  const confirm = vi.fn(async () => undefined);
  const { findByRole, getByText } = await ask({ missing: "Choose what happens to pay", confirm });
  const button = await findByRole("button", { name: "Cancel 4 runs" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(button);
  expect(confirm).not.toHaveBeenCalled();
  expect(getByText("Choose what happens to pay")).toBeTruthy();
});

test("the focus goes back to what had it, and where that is gone to its pane", async () => {
  const Asking = ({ goes }: { goes: boolean }) => {
    const [open, setOpen] = useState(false);
    const [gone, setGone] = useState(false);
    return (
      <section data-pane="list" aria-label="list">
        {!gone && (
          <button type="button" onClick={() => setOpen(true)}>
            ask
          </button>
        )}
        {open && (
          <ConfirmDialog opened onClose={() => setOpen(false)} title="Cancel it?" action="Cancel it" onConfirm={async () => setGone(goes)}>
            It stops.
          </ConfirmDialog>
        )}
      </section>
    );
  };
  for (const goes of [false, true]) {
    const { getByRole, findByRole, unmount } = await show(<Asking goes={goes} />);
    getByRole("button", { name: "ask" }).focus();
    await userEvent.keyboard("{Enter}");
    (await findByRole("button", { name: "Cancel it" })).focus();
    await userEvent.keyboard("{Enter}");
    await vi.waitFor(() => expect(document.activeElement).toBe(goes ? getByRole("region", { name: "list" }) : getByRole("button", { name: "ask" })));
    unmount();
  }
});

test("an error stays in the dialog", async () => {
  const close = vi.fn();
  const { findByRole, findByText } = await ask({ confirm: () => Promise.reject(REFUSED), close });
  await userEvent.click(await findByRole("button", { name: "Cancel 4 runs" }));
  expect(await findByText("RUN_ENDED")).toBeTruthy();
  expect(close).not.toHaveBeenCalled();
});
