import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { show } from "~/test/render";
import { Age, At, Counts, Countdown, Facts, Initials, Kbd, Presence, Section, Tabs } from ".";
import { initialsOf } from "./Presence";

test("initials are two letters", () => {
  expect(["Petra Novák", "ci-deploy", "mara", "Ōta Kenji Jun", ""].map(initialsOf)).toEqual(["PN", "CD", "MA", "ŌK", "?"]);
});

test("presence shows five and counts the rest; all names are told", async () => {
  const people = ["A B", "C D", "E F", "G H", "I J", "K L", "M N"].map((name) => ({ id: name, name }));
  const { getByRole, getByText } = await show(<Presence people={people} own="C D" />);
  expect(getByText("+2")).toBeTruthy();
  expect(getByText("CD").dataset.own).toBe("true");
  expect(getByRole("img").getAttribute("aria-label")).toBe("7 people here: A B, C D, E F, G H, I J, K L, M N");
});

test("initials that stand alone have their name", async () => {
  const { getByRole } = await show(<Initials name="Petra Novák" named />);
  expect(getByRole("img").getAttribute("aria-label")).toBe("Petra Novák");
});

test("counts: not known yet is a dash, many is 9,999+", async () => {
  const { getByTestId } = await show([null, 0, 412, 12_000].map((value, at) => <Counts key={at} value={value} />));
  expect(getByTestId("shown").textContent).toBe("–04129,999+");
});

test("facts without a value are left out", async () => {
  const { queryByText } = await show(<Facts facts={[{ label: "Cost", value: null }, { label: "Run", value: "r1" }]} />);
  expect(queryByText("Cost")).toBeNull();
  expect(queryByText("r1")).toBeTruthy();
});

test("a section is a region with its title as name", async () => {
  const { getByRole } = await show(
    <Section title="Waits for you" count={3}>
      <p />
    </Section>,
  );
  expect(getByRole("region", { name: "Waits for you" })).toBeTruthy();
});

test("key caps", async () => {
  const { container } = await show(<Kbd keys="g h" />);
  expect([...container.querySelectorAll("kbd")].map((cap) => cap.textContent)).toEqual(["G", "H"]);
});

function Some() {
  const [chosen, choose] = useState<"a" | "b" | "c">("a");
  const tabs = [{ id: "a", label: "One", count: 4 }, { id: "b", label: "Two", count: null }, { id: "c", label: "Three" }] as const;
  return (
    <Tabs label="Views" tabs={tabs} chosen={chosen} onChoose={choose}>
      {`panel ${chosen}`}
    </Tabs>
  );
}

test("tabs: one stop, arrows choose and go round, the panel is named after its tab", async () => {
  const { getByRole } = await show(<Some />);
  await userEvent.tab();
  expect(document.activeElement?.textContent).toBe("One4");
  await userEvent.keyboard("{ArrowLeft}");
  expect(document.activeElement?.textContent).toBe("Three");
  expect(getByRole("tabpanel", { name: "Three" }).textContent).toBe("panel c");
  await userEvent.keyboard("{Home}");
  expect(getByRole("tab", { selected: true }).textContent).toBe("One4");
  expect(document.querySelectorAll("[role=tab][tabindex='0']")).toHaveLength(1);
});

test("tabs: a second arrow goes on from where the first led, also while the choice is not told yet", async () => {
  const choose = vi.fn();
  const tabs = [{ id: "a", label: "One" }, { id: "b", label: "Two" }, { id: "c", label: "Three" }] as const;
  await show(<Tabs label="Views" tabs={tabs} chosen="a" onChoose={choose} />);
  await userEvent.tab();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(choose.mock.calls).toEqual([["b"], ["c"]]);
});

test("an age moves with the clock, a duration does not", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, now: 1_000_000_000 });
  const { getByTestId } = await show(
    <>
      <p data-testid="age">
        <Age since={1_000_000_000 - 41_000} />
      </p>
      <p data-testid="took">
        <Age since={0} until={130_000} />
      </p>
    </>,
  );
  expect(getByTestId("age").textContent).toBe("41 s");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(getByTestId("age").textContent).toBe("44 s");
  expect(getByTestId("took").textContent).toBe("2 m 10 s");
  vi.useRealTimers();
});

test("a time carries its instant", async () => {
  const { container } = await show(<At time="2026-07-14T09:38:00Z" />);
  expect(container.querySelector("time")?.dateTime).toBe("2026-07-14T09:38:00.000Z");
});

test("a countdown is a clock", async () => {
  const { getByRole } = await show(<Countdown until={Date.now() + 18_400} />);
  expect(getByRole("timer").textContent).toMatch(/^0:1[89]$/);
});
