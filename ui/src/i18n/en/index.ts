import activity from "./activity.json";
import components from "./components.json";
import home from "./home.json";
import keys from "./keys.json";
import runs from "./runs.json";
import shell from "./shell.json";
import words from "./words.json";

export const en = {
  ...activity,
  ...components,
  ...home,
  ...keys,
  ...runs,
  ...shell,
  ...words,
};
