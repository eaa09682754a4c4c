// RJSF's validator over @cfworker/json-schema: an interpreter, so that the content policy needs no eval (AJV makes code).
import { type Schema, type SchemaDraft, type OutputUnit, Validator } from "@cfworker/json-schema";
import { type RJSFSchema, type RJSFValidationError, toErrorSchema, type ValidationData, validationDataMerge, type ValidatorType } from "@rjsf/utils";
import { createErrorHandler, unwrapErrorHandler } from "@rjsf/utils";
import { type Key, translate } from "~/i18n";

const DRAFT: SchemaDraft = "2020-12";

/** Keywords that only say "something below did not fit". */
const WRAPPERS = new Set(["properties", "patternProperties", "items", "prefixItems", "$ref", "allOf", "if", "then", "else", "dependentSchemas", "additionalProperties"]);

type Plain = Record<string, unknown>;

/** What a value is on the wire: without the undefined that forms keep for empty fields. */
function wire(data: unknown): unknown {
  return data === undefined ? null : (JSON.parse(JSON.stringify(data)) as unknown);
}

function partsOf(location: string): string[] {
  return location
    .replace(/^#/, "")
    .split("/")
    .slice(1)
    .map((part) => decodeURIComponent(part).replace(/~1/g, "/").replace(/~0/g, "~"));
}

/** What stands in the schema at a keyword's place; references on the way are followed. */
function keywordAt(root: unknown, location: string): unknown {
  let at: unknown = root;
  for (const part of partsOf(location)) {
    if (typeof at !== "object" || at === null) return undefined;
    const next = (at as Plain)[part];
    at = part === "$ref" && typeof next === "string" ? keywordAt(root, next) : next;
  }
  return at;
}

/** Keyword → the text of the catalogue and its values. */
const TEXTS: Record<string, (limit: unknown) => [Key, Record<string, string | number>]> = {
  type: (limit) => ["components.form.type", { type: [limit].flat().join(" / ") }],
  minimum: (limit) => ["components.form.minimum", { limit: String(limit) }],
  exclusiveMinimum: (limit) => ["components.form.over", { limit: String(limit) }],
  maximum: (limit) => ["components.form.maximum", { limit: String(limit) }],
  exclusiveMaximum: (limit) => ["components.form.under", { limit: String(limit) }],
  pattern: (limit) => ["components.form.pattern", { pattern: String(limit) }],
  enum: (limit) => ["components.form.enum", { values: [limit].flat().join(", ") }],
  const: (limit) => ["components.form.enum", { values: String(limit) }],
  minLength: (limit) => ["components.form.minLength", { limit: Number(limit) }],
  maxLength: (limit) => ["components.form.maxLength", { limit: Number(limit) }],
  minItems: (limit) => ["components.form.minItems", { limit: Number(limit) }],
  maxItems: (limit) => ["components.form.maxItems", { limit: Number(limit) }],
  format: (limit) => ["components.form.format", { format: String(limit) }],
};

/** The name that a message of the interpreter puts in quotes. */
function named(unit: OutputUnit): string {
  return /"([^"]+)"/.exec(unit.error)?.[1] ?? "";
}

function problemOf(unit: OutputUnit, root: unknown): RJSFValidationError {
  const path = partsOf(unit.instanceLocation);
  if (unit.keyword === "required") path.push(named(unit));
  const limit = keywordAt(root, unit.keywordLocation);
  const own: [Key, Record<string, string | number>] | undefined =
    unit.keyword === "required"
      ? ["components.form.required", { field: titleOf(root, unit, named(unit)) }]
      : unit.keyword === "false" || unit.keyword === "unevaluatedProperties"
        ? ["components.form.additional", { field: path.at(-1) ?? "" }]
        : TEXTS[unit.keyword]?.(limit);
  const [key, values] = own ?? (["components.form.other", { keyword: unit.keyword }] as const);
  const message = translate(key, values);
  const property = path.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
  return { name: unit.keyword, message, property, params: { limit }, schemaPath: unit.keywordLocation, stack: message };
}

/** The title of a field that is missing, else its name. */
function titleOf(root: unknown, unit: OutputUnit, name: string): string {
  const properties = keywordAt(root, unit.keywordLocation.replace(/required$/, "properties")) as Plain | undefined;
  const title = (properties?.[name] as Plain | undefined)?.title;
  return typeof title === "string" ? title : name;
}

function unitsOf(schema: unknown, data: unknown): OutputUnit[] {
  const { errors } = new Validator(schema as Schema, DRAFT, false).validate(wire(data));
  const leaves = errors.filter((unit) => !WRAPPERS.has(unit.keyword));
  return leaves.length > 0 ? leaves : errors;
}

/** The definitions of the root, so that a part of it can be checked alone. */
function withDefinitions(schema: RJSFSchema, root: RJSFSchema): RJSFSchema {
  const { $defs, definitions } = root;
  return { ...($defs ? { $defs } : {}), ...(definitions ? { definitions } : {}), ...schema };
}

// Any data, as in RJSF's own interface.
type Data = never;

export const validator: ValidatorType<Data> = {
  validateFormData(data, schema, customValidate, transformErrors, uiSchema) {
    const raw = unitsOf(schema, data).map((unit) => problemOf(unit, schema));
    const errors = transformErrors ? transformErrors(raw, uiSchema) : raw;
    const found: ValidationData<Data> = { errors, errorSchema: toErrorSchema<Data>(errors) };
    if (!customValidate) return found;
    const handled = customValidate(data, createErrorHandler<Data>(data as Data), uiSchema);
    return validationDataMerge<Data>(found, unwrapErrorHandler<Data>(handled));
  },
  isValid(schema, data, root) {
    try {
      return new Validator(withDefinitions(schema, root) as Schema, DRAFT, true).validate(wire(data)).valid;
    } catch {
      return false;
    }
  },
  rawValidation<Result>(schema: RJSFSchema, data?: unknown) {
    return { errors: unitsOf(schema, data) as Result[] };
  },
};

export default validator;
