import { useEffect, useState } from "react";

const SHOWN_MS = 1_200;

/** Whether `value` became another one a moment ago; not at the first rendering. */
export function useJustChanged(value: string): boolean {
  const [seen, setSeen] = useState(value);
  const [changed, setChanged] = useState(false);
  if (seen !== value) {
    setSeen(value);
    setChanged(true);
  }
  useEffect(() => {
    if (!changed) return;
    const timer = setTimeout(() => setChanged(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [changed, seen]);
  return changed;
}
