// Every error of the API has one shape; what never reached the API gets the same one.

/** `{code, message, hint, pointer?, details?}` as the server sends it. */
export interface ErrorShape {
  code: string;
  message: string;
  hint: string;
  pointer?: string;
  details?: Record<string, unknown>;
}

export class ApiError extends Error {
  readonly status: number;
  readonly shape: ErrorShape;

  constructor(status: number, shape: ErrorShape) {
    super(shape.message);
    this.name = "ApiError";
    this.status = status;
    this.shape = shape;
  }

  get code(): string {
    return this.shape.code;
  }
}

function isShape(value: unknown): value is ErrorShape {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}

/** The error in the body of a refused answer. Bodies that are not ours (a proxy's page) are told as such. */
export function errorOf(status: number, body: unknown): ApiError {
  const inner = typeof body === "object" && body !== null && "error" in body ? body.error : body;
  if (isShape(inner)) return new ApiError(status, { ...inner, hint: inner.hint ?? "" });
  return new ApiError(status, {
    code: `HTTP_${status}`,
    message: `The server answered ${status} without saying why.`,
    hint: "Try again; if it stays, look at the server's log.",
  });
}

/** Whatever was thrown, in the one shape. */
export function shapeOf(error: unknown): ErrorShape {
  if (error instanceof ApiError) return error.shape;
  return { code: "PAGE_BROKE", message: error instanceof Error ? error.message : String(error), hint: "Reload the page." };
}
