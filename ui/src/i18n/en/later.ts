import inbox from "./inbox.json";
import run from "./run.json";
import segments from "./segments.json";
import start from "./start.json";

export const later = {
  ...inbox,
  ...run,
  ...segments,
  ...start,
};
