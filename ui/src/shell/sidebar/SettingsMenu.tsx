import { Menu, type MantineColorScheme, SegmentedControl, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { meQuery, request, useMe } from "~/api";
import { Icon, Initials } from "~/components/basics";
import { type Key, loadLanguage, useT } from "~/i18n";
import { changeSettings, type Density, type Language, useSettings } from "~/settings/store";
import style from "../shell.module.css";

interface Choice<T extends string> {
  name: Key;
  value: T;
  options: readonly (readonly [T, Key])[];
  onChoose: (value: T) => void;
}

function Setting<T extends string>({ name, value, options, onChoose }: Choice<T>) {
  const t = useT();
  return (
    <div className={style.setting}>
      <span>{t(name)}</span>
      <SegmentedControl
        aria-label={t(name)}
        size="xs"
        transitionDuration={0}
        value={value}
        onChange={(chosen) => onChoose(chosen as T)}
        data={options.map(([option, key]) => ({ value: option, label: t(key) }))}
      />
    </div>
  );
}

function Choices() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const settings = useSettings();
  const speak = (language: Language | "auto") => {
    changeSettings({ language: language === "auto" ? null : language });
    void loadLanguage();
  };
  return (
    <>
      <Setting<MantineColorScheme>
        name="shell.settings.theme"
        value={colorScheme}
        options={[["auto", "shell.settings.theme.auto"], ["light", "shell.settings.theme.light"], ["dark", "shell.settings.theme.dark"]]}
        onChoose={setColorScheme}
      />
      <Setting<Language | "auto">
        name="shell.settings.language"
        value={settings.language ?? "auto"}
        options={[["auto", "shell.settings.language.auto"], ["en", "shell.settings.language.en"], ["de", "shell.settings.language.de"]]}
        onChoose={speak}
      />
      <Setting<Density>
        name="shell.settings.density"
        value={settings.density}
        options={[["normal", "shell.settings.density.normal"], ["roomy", "shell.settings.density.roomy"]]}
        onChoose={(density) => changeSettings({ density })}
      />
      <Setting<"on" | "off">
        name="shell.settings.keys"
        value={settings.singleKeys ? "on" : "off"}
        options={[["on", "shell.settings.keys.on"], ["off", "shell.settings.keys.off"]]}
        onChoose={(value) => changeSettings({ singleKeys: value === "on" })}
      />
    </>
  );
}

function SignOut() {
  const t = useT();
  const queries = useQueryClient();
  const leave = async () => {
    await request("delete", "/api/v1/session");
    queries.clear();
    await queries.invalidateQueries(meQuery);
  };
  return <Menu.Item onClick={() => void leave()}>{t("shell.signOut")}</Menu.Item>;
}

interface Props {
  rail?: boolean;
  onKeys: () => void;
  /** Places that stand under "More"; with them the button is that of the bottom bar. */
  more?: ReactNode;
}

/** Who one is, and what one may set on this device. */
export function SettingsMenu({ rail = false, onKeys, more }: Props) {
  const t = useT();
  const me = useMe();
  const target = more ? (
    <UnstyledButton className={style.bottomPlace}>
      <Icon name="menu" />
      <span>{t("shell.more")}</span>
    </UnstyledButton>
  ) : (
    <UnstyledButton className={style.user} aria-label={t("shell.user", { name: me.display_name })}>
      <Initials name={me.display_name} own />
      {!rail && <span className="truncate">{me.display_name}</span>}
    </UnstyledButton>
  );
  return (
    <Menu position={more ? "top-end" : "right-end"} width={320} closeOnItemClick>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {more}
        <Menu.Label>{me.mode === "local" ? t("shell.local") : me.display_name}</Menu.Label>
        <Choices />
        <Menu.Divider />
        <Menu.Item onClick={onKeys} leftSection={<Icon name="kbd" />}>
          {t("shell.settings.showKeys")}
        </Menu.Item>
        {me.mode === "keys" && <SignOut />}
      </Menu.Dropdown>
    </Menu>
  );
}
