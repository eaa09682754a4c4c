import { Section } from "~/components/basics";
import { JsonView } from "~/components/data";
import { EmptyState } from "~/components/feedback";
import { useT } from "~/i18n";
import type { Segment } from "../data";
import style from "./segment.module.css";

interface Field {
  name: string;
  type: string;
  required: boolean;
  about: string;
}

type Plain = Record<string, unknown>;
const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value);

function typeOf(schema: unknown): string {
  if (!isPlain(schema)) return "any";
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  const type = [schema.type ?? "any"].flat().join(" | ");
  return type === "array" ? `array of ${typeOf(schema.items)}` : type;
}

/** The fields of an object's schema, one level; null where it is not one. */
function fieldsOf(schema: unknown): Field[] | null {
  if (!isPlain(schema) || !isPlain(schema.properties)) return null;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(schema.properties).map(([name, field]) => ({
    name,
    type: typeOf(field),
    required: required.has(name),
    about: isPlain(field) ? String(field.description ?? field.title ?? "") : "",
  }));
}

function Input({ schema }: { schema: Plain | null }) {
  const t = useT();
  if (schema === null) return <EmptyState>{t("segments.input.none")}</EmptyState>;
  const fields = fieldsOf(schema);
  return (
    <>
      {fields && (
        <div className={style.scrolled} tabIndex={0} role="group" aria-label={t("segments.input")}>
          <table className={style.table}>
            <thead>
              <tr>
                <th scope="col">{t("segments.input.field")}</th>
                <th scope="col">{t("segments.input.type")}</th>
                <th scope="col">{t("segments.input.needed")}</th>
                <th scope="col">{t("segments.input.about")}</th>
              </tr>
            </thead>
            <tbody>
              {fields.map((field) => (
                <tr key={field.name}>
                  <td>
                    <code>{field.name}</code>
                  </td>
                  <td>
                    <code>{field.type}</code>
                  </td>
                  <td>{t(field.required ? "segments.input.required" : "segments.input.optional")}</td>
                  <td>{field.about}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <details className={style.raw} open={fields === null}>
        <summary>{t("segments.input.schema")}</summary>
        <JsonView value={schema} label={t("segments.input.schema")} />
      </details>
    </>
  );
}

function Parameters({ parameters }: { parameters: Plain }) {
  const t = useT();
  const names = Object.keys(parameters);
  if (names.length === 0) return <EmptyState>{t("segments.parameters.none")}</EmptyState>;
  return (
    <div className={style.scrolled} tabIndex={0} role="group" aria-label={t("segments.parameters")}>
      <table className={style.table}>
        <thead>
          <tr>
            <th scope="col">{t("segments.input.field")}</th>
            <th scope="col">{t("segments.input.type")}</th>
            <th scope="col">{t("segments.parameters.default")}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const one = isPlain(parameters[name]) ? parameters[name] : {};
            return (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td>
                  <code>{typeOf(one.schema)}</code>
                </td>
                <td>{"default" in one ? <JsonView value={one.default} label={name} tools={false} /> : <span className="muted">{t("segments.parameters.needed")}</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** What it takes: the fields of its input, its parameters with their defaults. */
export function About({ segment }: { segment: Segment }) {
  const t = useT();
  return (
    <div className={style.sections}>
      <Section title={t("segments.input")}>
        <Input schema={segment.input_schema} />
      </Section>
      <Section title={t("segments.parameters")} count={Object.keys(segment.parameters).length}>
        <Parameters parameters={segment.parameters} />
      </Section>
    </div>
  );
}
