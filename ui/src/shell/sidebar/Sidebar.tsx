import { ActionIcon, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Counts, Icon, Kbd } from "~/components/basics";
import { useT } from "~/i18n";
import { useNavCounts } from "./counts";
import { Foot } from "./Foot";
import { Logo } from "./Logo";
import { type Place, PLACES } from "./nav";
import { SettingsMenu } from "./SettingsMenu";
import style from "../shell.module.css";
import { Workspace } from "./Workspace";

interface Props {
  rail: boolean;
  onGoTo: () => void;
  onKeys: () => void;
}

function Row({ place, rail }: { place: Place; rail: boolean }) {
  const t = useT();
  const value = useNavCounts((counts) => (place.counts ? counts[place.counts] : null));
  const name = t(place.label);
  return (
    <li>
      <Link to={place.to} className={style.place} title={rail ? name : undefined} activeOptions={{ exact: place.to === "/", includeSearch: false }}>
        <Icon name={place.icon} />
        <span className={rail ? "visually-hidden" : style.placeName}>{name}</span>
        {place.counts && value !== null && <Counts value={value} due={place.counts === "inbox"} />}
      </Link>
    </li>
  );
}

/** 208 wide with names, or the rail of 48 with the same things as icons. */
export function Sidebar({ rail, onGoTo, onKeys }: Props) {
  const t = useT();
  return (
    <aside aria-label={t("shell.sidebar")} className={style.sidebar} data-rail={rail || undefined}>
      <Link to="/" className={style.logo} aria-label={t("shell.home")}>
        <Logo />
        {!rail && <span>{t("shell.product")}</span>}
      </Link>
      {!rail && <Workspace />}
      {rail ? (
        <ActionIcon aria-label={t("shell.goto")} title={t("shell.goto")} onClick={onGoTo} mx="auto">
          <Icon name="search" />
        </ActionIcon>
      ) : (
        <UnstyledButton className={style.goto} onClick={onGoTo}>
          <Icon name="search" />
          <span>{t("shell.goto")}</span>
          <Kbd keys="Mod+K" />
        </UnstyledButton>
      )}
      <nav aria-label={t("shell.nav")} data-pane="nav">
        <ul className={style.places}>
          {PLACES.map((place) => (
            <Row key={place.to} place={place} rail={rail} />
          ))}
        </ul>
      </nav>
      <div className={style.foot}>
        <Foot rail={rail} />
        <SettingsMenu rail={rail} onKeys={onKeys} />
      </div>
    </aside>
  );
}

/** At most 640 wide: five places at the bottom, the rest under "More". */
export function BottomBar({ onKeys }: { onKeys: () => void }) {
  const t = useT();
  const counts = useNavCounts();
  return (
    <nav aria-label={t("shell.nav")} className={style.bottom} data-pane="nav">
      {PLACES.filter((place) => place.narrow).map((place) => (
        <Link key={place.to} to={place.to} className={style.bottomPlace} activeOptions={{ exact: place.to === "/", includeSearch: false }}>
          <Icon name={place.icon} />
          {place.counts === "inbox" && counts.inbox ? (
            <span className={style.bottomCount}>
              <Counts value={counts.inbox} due />
            </span>
          ) : null}
          <span>{t(place.label)}</span>
        </Link>
      ))}
      <SettingsMenu onKeys={onKeys} more={<MorePlaces />} />
    </nav>
  );
}

function MorePlaces() {
  const t = useT();
  return PLACES.filter((place) => !place.narrow).map((place) => (
    <Link key={place.to} to={place.to} className={style.item}>
      <Icon name={place.icon} />
      {t(place.label)}
    </Link>
  ));
}
