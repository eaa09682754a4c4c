import { Button } from "@mantine/core";
import { Icon, Kbd } from "~/components/basics";
import { useT } from "~/i18n";

interface Props {
  count: number;
  what: "runs" | "tasks" | "causes" | "events";
  onShow: () => void;
  keys?: string;
}

/** "3 newer runs": what came anew waits here until it is asked for. Nothing while there is none. */
export function Newer({ count, what, onShow, keys }: Props) {
  const t = useT();
  if (count === 0) return null;
  return (
    <Button variant="filled" size="compact" h={24} leftSection={<Icon name="up" size={12} />} rightSection={keys && <Kbd keys={keys} />} onClick={onShow}>
      {t(`runs.newer.${what}`, { count })}
    </Button>
  );
}
