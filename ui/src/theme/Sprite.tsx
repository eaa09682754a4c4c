// The marks and icons, inlined once. Everything else refers to them by id, so a mark is drawn in one place only.
import sprite from "./waymark.svg?raw";

export function Sprite() {
  return <div hidden dangerouslySetInnerHTML={{ __html: sprite }} />;
}
