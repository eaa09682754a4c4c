export { Age, At, Countdown, useNow } from "./Clock";
export { Counts } from "./Counts";
export { type Fact, Facts } from "./Facts";
export { Icon } from "./Icon";
export { Kbd } from "./Kbd";
export { Initials, type Person, Presence } from "./Presence";
export { Section } from "./Section";
export { type Tab, Tabs } from "./Tabs";
