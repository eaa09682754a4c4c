// What stands around every page. Skip link first, then navigation, banner, the page, and what floats.
import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { create } from "zustand";
import { ApiError, meQuery } from "~/api";
import { ErrorBlock } from "~/components/feedback";
import { type Key, useT } from "~/i18n";
import { LiveProvider } from "~/live";
import { useFollowCounts } from "./sidebar/counts";
import { type Target, useGoTo } from "./goto";
import { hearKeys, useShortcuts, walkPanes } from "./keys";
import { useLayout } from "./layout";
import { PLACES } from "./sidebar/nav";
import { BannerPlace, LiveRegion, Toasts } from "./notices";
import { PresenceWatch } from "./PresenceWatch";
import style from "./shell.module.css";
import { BottomBar, Sidebar } from "./sidebar/Sidebar";
import { StreamWatch } from "./StreamWatch";

// What the first page does not show comes after it.
const GoTo = lazy(() => import("./goto/GoTo").then(({ GoTo: found }) => ({ default: found })));
const KeySheet = lazy(() => import("./keys/KeySheet").then(({ KeySheet: found }) => ({ default: found })));
const Login = lazy(() => import("./Login").then(({ Login: found }) => ({ default: found })));

type Open = "none" | "goto" | "keys";
const useOpen = create<{ open: Open }>()(() => ({ open: "none" }));
const setOpen = (open: Open) => useOpen.setState({ open });

export const openGoTo = (): void => setOpen("goto");

/** The shell if somebody is signed in; else the login, or why there is neither. */
export function Shell() {
  const t = useT();
  const me = useQuery(meQuery);
  const [known, setKnown] = useState(false);
  if (me.data && !known) setKnown(true);
  if (me.error instanceof ApiError && me.error.status === 401) {
    return (
      <Suspense>
        <Login ended={known} />
      </Suspense>
    );
  }
  if (me.data) {
    return (
      <LiveProvider>
        <Frame />
      </LiveProvider>
    );
  }
  if (!me.error) return null;
  return (
    <main className={style.login}>
      <ErrorBlock error={me.error} title={t("shell.unreachable")} onRetry={() => void me.refetch()} />
    </main>
  );
}

function useKeysAnywhere(toggleSidebar: () => void): void {
  const router = useRouter();
  useEffect(() => hearKeys(), []);
  const places = Object.fromEntries(
    PLACES.map(({ key, to, label }) => [`g ${key}`, { label: label.replace("shell.", "keys.") as Key, run: () => void router.navigate({ to }) }]),
  );
  useShortcuts("anywhere", {
    "Mod+K": { label: "keys.goto", run: openGoTo, inFields: true, inDialogs: true },
    "?": { label: "keys.help", run: () => setOpen("keys") },
    ...places,
    "[": { label: "keys.sidebar", run: toggleSidebar },
    Escape: { label: "keys.escape" },
    F6: { label: "keys.panes", run: () => walkPanes(1), inFields: true },
    "Shift+F6": { label: "keys.panesBack", run: () => walkPanes(-1), inFields: true },
  });
}

/** A page that goes takes the focus with it: it goes on at the beginning of the one that came, not at that of the document. */
function useFocusInPage(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        if (fromLocation && pathChanged && document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
      }),
    [router],
  );
}

function useTargets(): void {
  const t = useT();
  const { setColorScheme } = useMantineColorScheme();
  useGoTo("places", () =>
    PLACES.map(({ to, label, icon, key }): Target => ({ id: to, kind: "page", label: t(label), icon, keys: `g ${key}`, to })),
  );
  useGoTo("actions", () => [
    { id: "start", kind: "action", label: t("shell.start"), icon: "play", to: "/start" },
    { id: "light", kind: "action", label: `${t("shell.settings.theme")}: ${t("shell.settings.theme.light")}`, icon: "eye", run: () => setColorScheme("light") },
    { id: "dark", kind: "action", label: `${t("shell.settings.theme")}: ${t("shell.settings.theme.dark")}`, icon: "eye", run: () => setColorScheme("dark") },
    { id: "keys", kind: "action", label: t("keys.title"), icon: "kbd", keys: "?", run: () => setOpen("keys") },
  ]);
}

function Frame() {
  const t = useT();
  const { layout, toggle } = useLayout();
  const open = useOpen((state) => state.open);
  useKeysAnywhere(toggle);
  useTargets();
  useFocusInPage();
  useFollowCounts();
  const close = () => setOpen("none");
  const keys = () => setOpen("keys");
  return (
    <div className={style.shell} data-layout={layout}>
      <a href="#main" className={style.skip}>
        {t("shell.skip")}
      </a>
      {layout !== "bottom" && <Sidebar rail={layout === "rail"} onGoTo={openGoTo} onKeys={keys} />}
      <StreamWatch />
      <PresenceWatch />
      <div className={style.right}>
        <BannerPlace />
        <main id="main" tabIndex={-1} data-pane="main" aria-label={t("shell.pane.main")} className={style.main}>
          <Outlet />
        </main>
      </div>
      {layout === "bottom" && <BottomBar onKeys={keys} />}
      <Toasts />
      <LiveRegion />
      <Suspense>
        <GoTo opened={open === "goto"} onClose={close} />
        <KeySheet opened={open === "keys"} onClose={close} />
      </Suspense>
    </div>
  );
}
