import { lazy, Suspense } from "react";
import { Skeleton } from "~/components/feedback";
import type { SchemaFormProps } from "./Form";

export type { SchemaFormProps } from "./Form";
export { type JsonProblem, parseJson } from "./json";
export { JsonField } from "./JsonField";

const Form = lazy(() => import("./Form"));

/** The form of a JSON Schema. Nothing in it is filled in or chosen before the person does; loaded on first use. */
export function SchemaForm(props: SchemaFormProps) {
  return (
    <Suspense fallback={<Skeleton rows={4} height={56} />}>
      <Form {...props} />
    </Suspense>
  );
}
