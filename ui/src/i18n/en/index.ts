import activity from "./activity.json";
import components from "./components.json";
import home from "./home.json";
import inbox from "./inbox.json";
import keys from "./keys.json";
import run from "./run.json";
import runs from "./runs.json";
import segments from "./segments.json";
import shell from "./shell.json";
import start from "./start.json";
import words from "./words.json";

export const en = {
  ...activity,
  ...components,
  ...home,
  ...inbox,
  ...keys,
  ...run,
  ...runs,
  ...segments,
  ...shell,
  ...start,
  ...words,
};
