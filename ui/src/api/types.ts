// The API's types, read from the generated OpenAPI types. A path that the document does not have (yet) is any JSON.
import type { paths } from "#schema";

export type Method = "get" | "post" | "put" | "patch" | "delete";
type Known<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, infer O> ? (O extends undefined ? never : P) : never }[keyof paths];

export type Path<M extends Method> = Known<M> | (string & {});

type Operation<M extends Method, P> = P extends keyof paths ? (M extends keyof paths[P] ? paths[P][M] : never) : never;
type Content<T> = T extends { content: { "application/json": infer C } } ? C : undefined;
type Good<R> = 200 extends keyof R ? R[200] : 201 extends keyof R ? R[201] : 202 extends keyof R ? R[202] : { content: never };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a path that is not in the document says nothing of its body
type Unknown = any;

export type Answer<M extends Method, P> = P extends keyof paths
  ? Operation<M, P> extends { responses: infer R }
    ? Content<Good<R>>
    : Unknown
  : Unknown;

export type Body<M extends Method, P> = P extends keyof paths
  ? Operation<M, P> extends { requestBody?: infer B }
    ? Content<NonNullable<B>>
    : Unknown
  : Unknown;
