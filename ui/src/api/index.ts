export { addressOf, idempotencyKey, newId, onSignedOut, request } from "./client";
export { ApiError, errorOf, type ErrorShape, shapeOf } from "./errors";
export { meQuery, useCan, useMe } from "./me";
export { makeQueryClient } from "./query";
