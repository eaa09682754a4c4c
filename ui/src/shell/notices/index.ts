export { announce, LiveRegion } from "./announce";
export { BannerPlace, type Notice, useBanner } from "./banner";
export { toast, type Toast, Toasts } from "./toast";
