export { Fuse } from "./Fuse";
export { Mark } from "./Mark";
export { loudest, NOTCH, SETTLED, solid, type State, STATES, text, tint, wordOf } from "./states";
export { StateWord } from "./StateWord";
export { type Notch, TrailStrip } from "./TrailStrip";
