import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useT } from "~/i18n";
import { ErrorBlock } from "./ErrorBlock";
import style from "./feedback.module.css";
import { useFocusBack } from "./useFocusBack";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The question, naming its object: "Cancel 4 runs?" */
  title: string;
  /** The consequence, spelled out with amounts. */
  children: ReactNode;
  /** The verb with its object: "Cancel 4 runs". */
  action: string;
  /** The verb of leaving it: "Keep them running". The safe button; it has the focus. */
  keep?: string;
  destructive?: boolean;
  /** What is still missing; while it is there the button is off and says so. */
  missing?: string | null;
  onConfirm: () => Promise<unknown> | undefined;
}

/** Asks before something that cannot be taken back. The safe button is focused, then what had the focus before; an error stays in the dialog. */
export function ConfirmDialog({ opened, onClose, title, children, action, keep, destructive = false, missing = null, onConfirm }: Props) {
  const t = useT();
  useFocusBack(opened);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const leave = () => {
    setError(null);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      leave();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const off = missing !== null || busy;
  const danger = destructive ? { color: "danger", variant: "default" } : { variant: "filled" };
  return (
    <Modal opened={opened} onClose={leave} title={title} size={520} closeButtonProps={{ "aria-label": t("words.close") }}>
      <div className={style.consequence}>{children}</div>
      {error !== null && <ErrorBlock error={error} />}
      <div className={style.dialogActions}>
        <span id="confirm-missing" className="muted">
          {missing}
        </span>
        <Button data-autofocus onClick={leave}>
          {keep ?? t("words.cancel")}
        </Button>
        <Button
          {...danger}
          data-disabled={off}
          aria-disabled={off}
          aria-describedby="confirm-missing"
          onClick={() => {
            if (!off) void confirm();
          }}
        >
          {action}
        </Button>
      </div>
    </Modal>
  );
}
