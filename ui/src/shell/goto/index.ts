export { type Kind, type Provider, type Target, useGoTo } from "./providers";
