import { expect, it } from "vitest";
import { tokensOf } from "~/components/list";
import { queryText } from "~/pages/filter/address";
import { feedFilter, feedName, feedQuery, feedSearch, shownBy } from "./filter";

it("reads an address and writes the same one", () => {
  const text = "area=human&event=human.task_completed&principal=local%3Amara&run_id=r_1&segment_id=expenses&q=hotel";
  expect(queryText(feedSearch(feedFilter(text)))).toBe(text);
});

it("asks the API for tokens, in one workspace; words are looked for here", () => {
  expect(feedQuery(tokensOf("area:human area:workflow person:mara area:nowhere hotel"), "finance")).toEqual({
    area: ["human", "workflow"],
    principal: "mara",
    workspace_id: "finance",
  });
  expect(feedName(tokensOf("area:human hotel"))).toBe(feedName(tokensOf("area:human")));
});

it("knows what is shown at a click, whatever words are looked for", () => {
  expect(shownBy(feedFilter(""))).toBe("all");
  expect(shownBy(tokensOf("area:human hotel"))).toBe("people");
  expect(shownBy(feedFilter("event=step.failed&event=segment.failed&event=incident.resolved&event=incident.opened"))).toBe("repair");
  expect(shownBy(tokensOf("area:human run:r_1"))).toBeUndefined();
});
