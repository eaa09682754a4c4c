import { createElement, Fragment, type ReactNode } from "react";
import { type Key, message, useT } from "./messages";

type Rich = string | number | ReactNode | ((inner: ReactNode[]) => ReactNode);

// Spread, because the parts of a message have no identity but their place.
const bold = (inner: ReactNode[]) => createElement("b", null, ...inner);
const code = (inner: ReactNode[]) => createElement("code", null, ...inner);

/** A text with markup: `<b>`, `<code>` and whatever tags `values` has a function for. A value may be an element. */
export function Say({ k, values }: { k: Key; values?: Record<string, Rich> }) {
  useT();
  const parts = message(k).format<ReactNode>({ b: bold, code, ...values } as never);
  if (!Array.isArray(parts)) return <>{parts}</>;
  return (
    <>
      {parts.map((part, place) => (
        // The parts of a message have no identity but their place.
        <Fragment key={place}>{part}</Fragment>
      ))}
    </>
  );
}
