import { type MantineColorScheme, Popover, SegmentedControl, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery, request, useMe } from "~/api";
import { Icon } from "~/components/basics";
import { type Key, loadLanguage, useT } from "~/i18n";
import { changeSettings, type Density, type Language, useSettings } from "~/settings/store";
import style from "../shell.module.css";
import { SettingsButton, type SettingsProps } from "./SettingsMenu";

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
  return (
    <UnstyledButton className={style.item} onClick={() => void leave()}>
      {t("shell.signOut")}
    </UnstyledButton>
  );
}

/** The settings, opened: mounted when they are asked for the first time. */
export default function SettingsPopover({ rail, onKeys, more }: SettingsProps) {
  const t = useT();
  const me = useMe();
  const [opened, setOpened] = useState(true);
  return (
    <Popover opened={opened} onChange={setOpened} position={more ? "top-end" : "right-end"} width={320} trapFocus returnFocus transitionProps={{ duration: 90 }}>
      <Popover.Target>
        <SettingsButton rail={rail} more={more} onClick={() => setOpened(!opened)} />
      </Popover.Target>
      <Popover.Dropdown aria-label={t("shell.user", { name: me.display_name })} p={6}>
        <div onClick={() => setOpened(false)}>{more}</div>
        <p className={style.setting}>{me.mode === "local" ? t("shell.local") : me.display_name}</p>
        <Choices />
        <hr className={style.line} />
        <UnstyledButton
          className={style.item}
          onClick={() => {
            setOpened(false);
            onKeys();
          }}
        >
          <Icon name="kbd" />
          {t("shell.settings.showKeys")}
        </UnstyledButton>
        {me.mode === "keys" && <SignOut />}
      </Popover.Dropdown>
    </Popover>
  );
}
