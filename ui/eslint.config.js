import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// What the design language does not use, and what stands in its place.
const NOT_USED = {
  Card: "structure comes from rules and alignment",
  Paper: "use a ruled section",
  Badge: "a state is a StateWord",
  Pill: "a state is a StateWord; a filter is a FilterField token",
  RingProgress: "use Counts or TrailStrip",
  Timeline: "the run page draws its own timeline",
  Avatar: "people are Presence squares",
  Alert: "use ErrorBlock or Banner",
  LoadingOverlay: "use Skeleton, or keep the last known data",
  Loader: "use Skeleton, or keep the last known data",
  Notification: "use toast()",
};
const mantine = Object.entries(NOT_USED).map(([name, instead]) => ({
  name: "@mantine/core",
  importNames: [name],
  message: `Waymark does not use ${name}: ${instead}.`,
}));

const syntax = [
  { selector: "Literal[value=/#[0-9a-fA-F]{3,8}\\b/]", message: "Colours stand in theme/tokens.css; use var(--…)." },
  { selector: "TemplateElement[value.raw=/#[0-9a-fA-F]{6}\\b/]", message: "Colours stand in theme/tokens.css; use var(--…)." },
  {
    selector: "JSXAttribute[name.name='variant'][value.value=/^(light|outline|gradient|white)$/]",
    message: "Waymark has the variants filled, default and subtle.",
  },
  { selector: "JSXAttribute[name.name='gradient']", message: "Waymark has no gradients." },
  { selector: "JSXText[value=/\\p{L}/u]", message: "Texts stand in the catalogue (i18n); use t(key) or <Say k=…>." },
  {
    selector: ":matches(JSXElement, JSXFragment) > JSXExpressionContainer > Literal[value=/\\p{L}/u]",
    message: "Texts stand in the catalogue (i18n); use t(key) or <Say k=…>.",
  },
  {
    selector: "JSXAttribute[name.name=/^(aria-label|aria-description|title|placeholder|alt|label)$/] > Literal[value=/\\p{L}/u]",
    message: "Texts stand in the catalogue (i18n); use t(key).",
  },
  { selector: "CallExpression[callee.name='eval'], NewExpression[callee.name='Function']", message: "The content policy refuses it." },
];

export default tseslint.config(
  ...tseslint.configs.strict,
  { plugins: { "react-hooks": hooks }, rules: hooks.configs["recommended-latest"]?.rules ?? hooks.configs.recommended.rules },
  {
    rules: {
      "no-restricted-syntax": ["error", ...syntax],
      "no-restricted-imports": ["error", { paths: mantine }],
      "max-lines-per-function": ["error", { max: 70, skipComments: true, skipBlankLines: true }],
      "no-console": "error",
      eqeqeq: ["error", "smart"],
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  { files: ["**/*.test.ts", "**/*.test.tsx", "src/test/**"], rules: { "max-lines-per-function": "off", "no-restricted-syntax": "off" } },
);
