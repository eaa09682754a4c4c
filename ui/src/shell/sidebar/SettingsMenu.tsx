import { UnstyledButton } from "@mantine/core";
import { type ComponentProps, lazy, type ReactNode, Suspense, useState } from "react";
import { useMe } from "~/api";
import { Icon, Initials } from "~/components/basics";
import { useT } from "~/i18n";
import style from "../shell.module.css";

const Settings = lazy(() => import("./SettingsPopover"));

export interface SettingsProps {
  rail?: boolean | undefined;
  onKeys: () => void;
  /** Places that stand under "More"; with them the button is that of the bottom bar. */
  more?: ReactNode;
}

type ButtonProps = Pick<SettingsProps, "rail" | "more"> & Omit<ComponentProps<"button">, "children" | "className">;

/** The person's own button, or "More" in the bottom bar. */
export function SettingsButton({ rail, more, ...props }: ButtonProps) {
  const t = useT();
  const me = useMe();
  return more ? (
    <UnstyledButton {...props} className={style.bottomPlace}>
      <Icon name="menu" />
      <span>{t("shell.more")}</span>
    </UnstyledButton>
  ) : (
    <UnstyledButton {...props} className={style.user} aria-label={t("shell.user", { name: me.display_name })}>
      <Initials name={me.display_name} own />
      {!rail && <span className="truncate">{me.display_name}</span>}
    </UnstyledButton>
  );
}

/** Who one is, and what one may set on this device. What opens is loaded when it is asked for. */
export function SettingsMenu(props: SettingsProps) {
  const [wanted, setWanted] = useState(false);
  const button = <SettingsButton rail={props.rail} more={props.more} onClick={() => setWanted(true)} />;
  return wanted ? (
    <Suspense fallback={button}>
      <Settings {...props} />
    </Suspense>
  ) : (
    button
  );
}
