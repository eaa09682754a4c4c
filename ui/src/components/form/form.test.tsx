import type { RJSFSchema } from "@rjsf/utils";
import { waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeAll, expect, test, vi } from "vitest";
import { show } from "~/test/render";
import { withoutDefaults } from "./defaults";
import { SchemaForm } from ".";
import { validator } from "./validator";

beforeAll(async () => void (await import("./Form")), 30_000);

const SCHEMA = {
  type: "object",
  required: ["approve", "amount", "mode"],
  properties: {
    approve: { type: "boolean", title: "Approve" },
    amount: { type: "number", title: "Amount", minimum: 10, default: 50 },
    mode: { type: "string", title: "Mode", enum: ["a", "b"], default: "a" },
    fixed: { const: "x", title: "Fixed" },
    nested: { type: "object", properties: { note: { type: "string", default: "hello" } } },
  },
};

function Form({ onSubmit = () => undefined, schema = SCHEMA }: { onSubmit?: (value: unknown) => void; schema?: object }) {
  const [value, setValue] = useState<unknown>(undefined);
  return (
    <>
      <p data-testid="value">{JSON.stringify(value ?? {})}</p>
      <SchemaForm schema={schema} value={value} onChange={setValue} onSubmit={onSubmit} submit="Start the run" />
    </>
  );
}

test("a form that nobody touched holds nothing and cannot be sent", async () => {
  const onSubmit = vi.fn();
  const { findByRole, getByTestId, getAllByText, queryAllByRole } = await show(<Form onSubmit={onSubmit} />);
  const button = await findByRole("button", { name: "Start the run" });
  expect(getByTestId("value").textContent).not.toMatch(/true|false|50|"a"|"x"|hello/);
  expect(queryAllByRole("radio", { checked: true })).toHaveLength(0);
  await userEvent.click(button);
  expect(onSubmit).not.toHaveBeenCalled();
  await waitFor(() => expect(getAllByText("Approve is missing")).not.toHaveLength(0));
  expect(getByTestId("value").textContent).not.toMatch(/true|false|50|"a"|"x"|hello/);
});

test("a list that has to be there is marked, and grows by a button with a word", async () => {
  const schema = { type: "object", required: ["items"], properties: { items: { type: "array", title: "Items", items: { type: "string" } }, notes: { type: "array", title: "Notes", items: { type: "string" } } } };
  const { findAllByRole, getByText, getByTestId } = await show(<Form schema={schema} />);
  const [add] = await findAllByRole("button", { name: "Add an item" });
  expect(add?.textContent).toBe("Add an item");
  expect(getByText(/^Items/).textContent).toBe("Items * required");
  expect(getByText(/^Notes/).textContent).toBe("Notes");
  await userEvent.click(add as HTMLElement);
  await waitFor(() => expect(getByTestId("value").textContent).toContain('"items":['));
});

test("what would hold is said beside the field", async () => {
  const { findByText } = await show(<Form />);
  expect(await findByText("Left empty, it is 50.")).toBeTruthy();
});

test("a number that does not fit is told, not changed; what fits is sent as it was typed", async () => {
  const onSubmit = vi.fn();
  const schema = { type: "object", required: ["amount"], properties: { amount: { type: "number", title: "Amount", minimum: 10 } } };
  const { findByLabelText, findByRole, findAllByText, getByTestId } = await show(<Form schema={schema} onSubmit={onSubmit} />);
  const field = await findByLabelText(/Amount/);
  await userEvent.type(field, "5");
  await userEvent.tab();
  expect(getByTestId("value").textContent).toBe('{"amount":5}');
  await userEvent.click(await findByRole("button", { name: "Start the run" }));
  expect(await findAllByText("At least 10")).not.toHaveLength(0);
  expect(onSubmit).not.toHaveBeenCalled();
  await userEvent.type(field, "0");
  await userEvent.click(await findByRole("button", { name: "Start the run" }));
  expect(onSubmit).toHaveBeenCalledWith({ amount: 50 });
});

test("defaults leave the schema everywhere, but a field may be called default", () => {
  const say = (value: string) => `else ${value}.`;
  const schema = { properties: { default: { type: "string", default: "x" } }, allOf: [{ default: 1 }], items: { default: [] }, enum: [{ default: 1 }] };
  expect(withoutDefaults(schema, say)).toEqual({
    properties: { default: { type: "string", description: "else x." } },
    allOf: [{ description: "else 1." }],
    items: { description: "else []." },
    enum: [{ default: 1 }],
  });
});

test.each([
  [{ type: "string" }, 1, "", "This must be string"],
  [{ properties: { a: { $ref: "#/$defs/n" } }, $defs: { n: { maximum: 5 } } }, { a: 9 }, ".a", "At most 5"],
  [{ items: { enum: ["x", "y"] } }, ["x", "z"], "[1]", "Choose one of x, y"],
  [{ required: ["b"], properties: { b: { title: "Bee" } } }, {}, ".b", "Bee is missing"],
  [{ properties: { b: {} }, additionalProperties: false }, { totl: 1 }, ".totl", "There is no field totl"],
  [{ properties: { s: { minLength: 3 } } }, { s: "ab" }, ".s", "At least 3 characters"],
])("what does not fit %j is told at its place", (schema, data, property, message) => {
  const found = validator.validateFormData(data as never, schema as never).errors;
  expect(found.map((error) => [error.property, error.message])).toContainEqual([property, message]);
});

test("what fits has no errors; parts are checked with the definitions of the whole", () => {
  expect(validator.validateFormData({ amount: 20, approve: false, mode: "b" } as never, SCHEMA as never).errors).toEqual([]);
  const root = { $defs: { n: { type: "number" } } } as RJSFSchema;
  expect(validator.isValid({ $ref: "#/$defs/n" }, 3 as never, root)).toBe(true);
  expect(validator.isValid({ $ref: "#/$defs/n" }, "3" as never, root)).toBe(false);
  expect(validator.isValid({ type: "object" }, undefined, {})).toBe(false);
});

test("the validator makes no code", () => {
  const made = vi.spyOn(globalThis, "Function");
  validator.validateFormData({ amount: 1 } as never, SCHEMA as never);
  expect(made).not.toHaveBeenCalled();
});
