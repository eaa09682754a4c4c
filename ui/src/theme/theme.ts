// Waymark on Mantine: ink for the page. Colours come from tokens.css, so that one attribute switches everything.
import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";

const ink = Array.from({ length: 10 }, () => "var(--ink-0)") as unknown as MantineColorsTuple;
const danger = Array.from({ length: 10 }, () => "var(--s-failed-text)") as unknown as MantineColorsTuple;

const variantColorResolver: VariantColorsResolver = (input) => {
  const resolved = defaultVariantColorsResolver(input);
  const text = input.color === "danger" ? "var(--s-failed-text)" : "var(--ink-0)";
  switch (input.variant) {
    case "filled":
      return { ...resolved, background: "var(--ink-0)", hover: "var(--ink-1)", color: "var(--paper)", border: "1px solid var(--ink-0)" };
    case "default":
      return { ...resolved, background: "var(--raised)", hover: "var(--hover)", color: text, border: "1px solid var(--rule-strong)" };
    case "subtle":
      return { ...resolved, background: "transparent", hover: "var(--hover)", color: text, border: "1px solid transparent" };
    default:
      return resolved;
  }
};

export const waymark = createTheme({
  primaryColor: "ink",
  colors: { ink, danger },
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
  headings: { fontFamily: "var(--sans)" },
  fontSizes: { xs: "11px", sm: "13px", md: "13px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "14px", sm: "20px", md: "20px", lg: "24px", xl: "28px" },
  radius: { xs: "2px", sm: "4px", md: "6px", lg: "6px", xl: "6px" },
  defaultRadius: "sm",
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  breakpoints: { xs: "25em", sm: "40.0625em", md: "68.8125em", lg: "90em", xl: "105em" },
  respectReducedMotion: true,
  cursorType: "pointer",
  focusRing: "auto",
  variantColorResolver,
  components: {
    Checkbox: { defaultProps: { size: "xs" } },
    Radio: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    Button: { defaultProps: { variant: "default", size: "compact" } },
    ActionIcon: { defaultProps: { variant: "subtle", size: 28 } },
    NumberInput: { defaultProps: { clampBehavior: "none" } }, // a number that does not fit is told, never changed
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 90 } } },
    // The first item has the focus: Mantine's placeholder for it is a stop without a role inside of the menu.
    Menu: { defaultProps: { transitionProps: { duration: 90, transition: "fade" }, withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { transitionProps: { duration: 120, transition: "fade" }, radius: "md", closeOnClickOutside: false } },
  },
});

export const waymarkVariables: CSSVariablesResolver = () => {
  const variables = {
    "--mantine-color-body": "var(--paper)",
    "--mantine-color-text": "var(--ink-1)",
    "--mantine-color-bright": "var(--ink-0)",
    "--mantine-color-dimmed": "var(--ink-3)",
    "--mantine-color-placeholder": "var(--ink-3)",
    "--mantine-color-error": "var(--s-failed-text)",
    "--mantine-color-anchor": "var(--ink-0)",
    "--mantine-color-default": "var(--raised)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-default-color": "var(--ink-0)",
    "--mantine-color-default-border": "var(--rule-strong)",
    "--mantine-color-disabled": "var(--sunken)",
    "--mantine-color-disabled-color": "var(--ink-4)",
    "--mantine-color-disabled-border": "var(--rule)",
    "--mantine-shadow-sm": "none",
    "--mantine-shadow-md": "var(--shadow-pop)",
    "--mantine-shadow-xl": "var(--shadow-pop)",
  };
  return { variables, light: variables, dark: variables };
};
