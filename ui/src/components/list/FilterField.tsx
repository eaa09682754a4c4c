// One field for all filters: tokens that are typed or picked; its text form is what stands in the address.
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { Icon, Kbd } from "~/components/basics";
import { useT } from "~/i18n";
import { type Page, useShortcuts } from "~/shell/keys";
import { type Field, fieldOf, problemOf, suggest, textOf, type Token, tokensOf } from "./filter";
import style from "./list.module.css";

interface Props {
  page: Page;
  fields: readonly Field[];
  /** The text of the address. */
  text: string;
  /** Is called with the new text when a token or word is finished or removed. */
  onChange: (text: string) => void;
}

function TokenBox({ token, fields, onRemove }: { token: Token; fields: readonly Field[]; onRemove: () => void }) {
  const t = useT();
  const field = fieldOf(fields, token.field);
  const problem = problemOf(token, fields);
  const value = field?.values?.find((one) => one.value === token.value)?.label ?? token.value;
  const why = problem ? t(`components.filter.${problem.why}`, { ...problem }) : (field?.problem?.(token) ?? undefined);
  const name = `${field?.label ?? token.field} ${t(`components.filter.op.${token.op}`)} ${value}`;
  return (
    <span className={style.token} data-wrong={why === undefined ? undefined : ""} title={why}>
      <span className="muted">{`${field && !field.name.endsWith("*") ? field.label : token.field} ${t(`components.filter.op.${token.op}`)}`}</span>
      <b>{value}</b>
      {why !== undefined && <span className="visually-hidden">{why}</span>}
      <button type="button" className={style.remove} aria-label={t("components.filter.remove", { token: name })} onClick={onRemove}>
        <Icon name="x" size={12} />
      </button>
    </span>
  );
}

/** The state of the field: what is typed and not yet in the address. */
function useTyping({ text, onChange, fields }: Omit<Props, "page">) {
  const query = tokensOf(text);
  const [typed, setTyped] = useState(query.words);
  const [of, setOf] = useState(text);
  const [at, setAt] = useState(-1);
  if (of !== text) {
    setOf(text);
    setTyped(query.words);
  }
  const word = typed.split(/\s+/).at(-1) ?? "";
  const options = typed === query.words && typed !== "" ? [] : suggest(word, fields);
  /** Writes the address, and what stays in the field; what comes back from the address is not taken for a change of its own. */
  const write = (next: string, left: string) => {
    setOf(next);
    setTyped(left);
    setAt(-1);
    if (next !== text) onChange(next);
  };
  const commit = (words: string) => {
    const more = tokensOf(words);
    write(textOf({ tokens: [...query.tokens, ...more.tokens], words: more.words }), more.words);
  };
  const remove = (place: number) => onChange(textOf({ tokens: query.tokens.filter((_, one) => one !== place), words: query.words }));
  const pick = (place: number) => {
    const option = options[place];
    if (!option) return;
    const before = typed.slice(0, typed.length - word.length);
    if (option.done) commit(before + option.text);
    else setTyped(before + option.text);
    setAt(-1);
  };
  const edit = () => {
    const last = query.tokens.at(-1);
    if (!last) return;
    write(textOf({ tokens: query.tokens.slice(0, -1), words: query.words }), textOf({ tokens: [last], words: "" }));
  };
  const type = (value: string) => {
    setTyped(value);
    setAt(-1);
    const finished = tokensOf(value);
    if (/\s$/.test(value) && finished.tokens.length > 0) commit(value);
  };
  return { query, typed, options, at, setAt, commit, remove, pick, edit, type };
}

interface OptionsProps {
  id: string;
  options: ReturnType<typeof suggest>;
  at: number;
  shown: boolean;
  onPick: (place: number) => void;
}

function Options({ id, options, at, shown, onPick }: OptionsProps) {
  const t = useT();
  return (
    <ul id={id} role="listbox" aria-label={t("components.filter.suggestions")} className={style.options} hidden={!shown}>
      {options.map((option, place) => (
        <li
          key={option.text}
          id={`${id}-${place}`}
          role="option"
          aria-selected={place === at}
          className={style.option}
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(place);
          }}
        >
          <code>{option.text}</code>
          <span className="muted">{option.label}</span>
        </li>
      ))}
    </ul>
  );
}

/** Backspace in the empty field edits the last token; what does not fit is underlined and says what would. */
export function FilterField({ page, fields, text, onChange }: Props) {
  const t = useT();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const typing = useTyping({ text, onChange, fields });
  const { query, typed, options, at, setAt } = typing;
  const listed = open && options.length > 0;
  useShortcuts(page, { "/": { label: "keys.filter", run: () => input.current?.focus() } });

  const keys: Record<string, () => unknown> = {
    Enter: () => (at >= 0 ? typing.pick(at) : typing.commit(typed)),
    ArrowDown: () => setAt(Math.min(options.length - 1, at + 1)),
    ArrowUp: () => setAt(Math.max(-1, at - 1)),
    Tab: () => (at >= 0 ? typing.pick(at) : false),
    Backspace: () => (typed === "" ? typing.edit() : false),
    Escape: () => (listed ? setOpen(false) : input.current?.blur()),
  };
  const press = (event: KeyboardEvent) => {
    const run = keys[event.key];
    if (!run || event.nativeEvent.isComposing || run() === false) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const names = fields.slice(0, 4).map((field) => field.label);
  return (
    <div className={style.filter} role="search">
      <Icon name="filter" />
      {query.tokens.map((token, place) => (
        <TokenBox key={`${place}${token.field}${token.value}`} token={token} fields={fields} onRemove={() => typing.remove(place)} />
      ))}
      <input
        ref={input}
        className={style.input}
        role="combobox"
        aria-label={t("components.filter.label")}
        aria-expanded={listed}
        aria-controls={`${id}-list`}
        aria-activedescendant={listed && at >= 0 ? `${id}-list-${at}` : undefined}
        placeholder={query.tokens.length > 0 ? "" : t("components.filter.placeholder", { fields: names.join(", ") })}
        value={typed}
        onChange={(event) => {
          setOpen(true);
          typing.type(event.currentTarget.value);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          typing.commit(typed);
        }}
        onKeyDown={press}
      />
      <Kbd keys="/" />
      <Options id={`${id}-list`} options={options} at={at} shown={listed} onPick={typing.pick} />
    </div>
  );
}
