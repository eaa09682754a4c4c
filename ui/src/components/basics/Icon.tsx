/** An icon of the sprite, decorative: the control around it carries the name. `name` as in waymark.svg, without "icon-". */
export function Icon({ name, size = 16 }: { name: string; size?: number }) {
  return (
    <svg className="waymark" width={size} height={size} aria-hidden="true" focusable="false" style={{ flex: "none" }}>
      <use href={`#icon-${name}`} />
    </svg>
  );
}
