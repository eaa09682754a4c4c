// One banner at a time, above the bar. Who has something to say sets it under its name; the most pressing is shown.
import { type ReactNode, useEffect } from "react";
import { create } from "zustand";
import { useT } from "~/i18n";
import { Banner, type Tone } from "~/components/feedback";

export interface Notice {
  text: ReactNode;
  actions?: ReactNode;
  tone: Tone;
  /** The higher, the more pressing: connection 3, read-only 2, version 1. */
  rank: number;
}

const useNotices = create<{ notices: Record<string, Notice> }>()(() => ({ notices: {} }));

function setNotice(name: string, notice: Notice | null): void {
  useNotices.setState(({ notices }) => {
    const others = Object.fromEntries(Object.entries(notices).filter(([other]) => other !== name));
    return { notices: notice ? { ...others, [name]: notice } : others };
  });
}

/** Shows a banner while the component stands; null: none for now. */
export function useBanner(name: string, notice: Notice | null): void {
  useEffect(() => setNotice(name, notice));
  useEffect(() => () => setNotice(name, null), [name]);
}

/** The place of the banner. */
export function BannerPlace() {
  const notices = useNotices((state) => state.notices);
  const [first] = Object.values(notices).sort((a, b) => b.rank - a.rank);
  const t = useT();
  return first ? (
    <section aria-label={t("shell.banner")}>
      <Banner tone={first.tone} actions={first.actions}>
        {first.text}
      </Banner>
    </section>
  ) : null;
}
