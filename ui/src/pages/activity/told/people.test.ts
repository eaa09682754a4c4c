import { expect, it } from "vitest";
import { personOf } from "./people";

const me = { principal: "local:mara", display_name: "Mara Lindqvist" };

it("knows oneself, at the page and at the command line, and names others without what they came by", () => {
  expect(personOf("local:mara", me)).toEqual({ name: "Mara Lindqvist", own: true });
  expect(personOf("cli:mara", me).own).toBe(true);
  expect(personOf("key:mara", me)).toEqual({ name: "mara", own: false });
  expect(personOf("key:ci-deploy", me)).toEqual({ name: "ci-deploy", own: false });
  expect(personOf("Petra Novák", me)).toEqual({ name: "Petra Novák", own: false });
});
