import { type RefObject, useEffect, useRef } from "react";

/** Keeps the rows that are read where they are while newer ones come in above them. `added`: how many came since an event. */
export function useAnchor(scroller: RefObject<HTMLElement | null>, first: number | undefined, height: number, added: (since: number) => number): void {
  const before = useRef(first);
  useEffect(() => {
    const element = scroller.current;
    const since = before.current;
    before.current = first;
    if (!element || since === undefined || first === undefined || first <= since) return;
    const read = element.scrollTop > 0 || element.matches(":hover, :focus");
    if (read) element.scrollBy(0, added(since) * height);
  }, [scroller, first, height, added]);
}
