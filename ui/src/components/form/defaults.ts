// No default ever decides for a person: a form begins empty, and what would hold if a field stays empty is said beside it.

type Plain = Record<string, unknown>;

const MAPS = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const AS_IS = new Set(["enum", "const", "examples", "required", "default"]);

const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value);

/** A schema without its defaults; each stands in the description of its field, by `say`. */
export function withoutDefaults(schema: unknown, say: (value: string) => string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withoutDefaults(one, say));
  if (!isPlain(schema)) return schema;
  const made: Plain = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "default") continue;
    if (MAPS.has(key) && isPlain(value)) made[key] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutDefaults(one, say)]));
    else made[key] = AS_IS.has(key) ? value : withoutDefaults(value, say);
  }
  if ("default" in schema) {
    const told = say(typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default));
    made.description = typeof schema.description === "string" ? `${schema.description} ${told}` : told;
  }
  return made;
}
