export type { Append, Counts, Frame, Gap, PublicEvent, Topic } from "./frames";
export type { Phase, StreamState } from "./hub";
export { LiveProvider, useLive, useStream, useTopic, useTopicBatch } from "./react";
