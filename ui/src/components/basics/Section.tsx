import { type ReactNode, useId } from "react";
import { Counts } from "./Counts";
import style from "./basics.module.css";

interface Props {
  title: string;
  count?: number | null;
  /** Words after the title, muted. */
  note?: ReactNode;
  /** A link or control at the right end of the head. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A section: a head over one ink rule. */
export function Section({ title, count, note, aside, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className={style.head}>
        <h2 id={id}>{title}</h2>
        {count !== undefined && <Counts value={count} />}
        {note !== undefined && <span className="muted">{note}</span>}
        {aside !== undefined && <span className={style.aside}>{aside}</span>}
      </div>
      {children}
    </section>
  );
}
