import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useT } from "~/i18n";
import { parseJson } from "./json";
import style from "./form.module.css";

interface Props {
  label: string;
  description?: string;
  /** The value that the text means; undefined: there is none. */
  value: unknown;
  /** With undefined while the text is empty or not JSON. */
  onChange: (value: unknown) => void;
  disabled?: boolean;
  rows?: number;
}

/** A JSON value as text; what is wrong with it stands below, with line and column. */
export function JsonField({ label, description, value, onChange, disabled = false, rows = 6 }: Props) {
  const t = useT();
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const { problem } = parseJson(text);
  const write = (next: string) => {
    setText(next);
    onChange(parseJson(next).value);
  };
  return (
    <Textarea
      label={label}
      description={description}
      className={style.jsonField ?? ""}
      classNames={{ input: "mono" }}
      autosize
      minRows={rows}
      maxRows={28}
      spellCheck={false}
      value={text}
      disabled={disabled}
      error={problem && t("components.form.json", { line: problem.line, column: problem.column, why: problem.why })}
      onChange={(event) => write(event.currentTarget.value)}
    />
  );
}
