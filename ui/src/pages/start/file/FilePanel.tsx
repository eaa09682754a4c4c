import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type DragEvent, useId, useRef, useState } from "react";
import { request } from "~/api";
import { Icon, Section } from "~/components/basics";
import { ErrorBlock } from "~/components/feedback";
import { format, useT } from "~/i18n";
import { BadRows, type Report } from "../batch/BadRows";
import { type Format, formatOf, type Preview, previewOf } from "./rows";
import style from "../start.module.css";

const LOOK_BYTES = 64 * 1024;
const ACCEPT = ".csv,.tsv,.jsonl,.ndjson,.json";

interface Chosen {
  file: File;
  format: Format;
  preview: Preview;
}

interface Props {
  segmentId: string;
  version: string | undefined;
  workspace: string | undefined;
  /** Why nothing can be started now. */
  off: string | null;
}

function Drop({ onFile }: { onFile: (file: File) => void }) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div className={style.drop} data-over={over || undefined} onDragOver={drag} onDragLeave={() => setOver(false)} onDrop={drop}>
      <Icon name="import" />
      <span>{t("start.file.drop")}</span>
      <Button onClick={() => input.current?.click()}>{t("start.file.choose")}</Button>
      <input
        ref={input}
        type="file"
        accept={ACCEPT}
        hidden
        data-file
        aria-label={t("start.file.choose")}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}

function FirstRows({ preview }: { preview: Preview }) {
  const t = useT();
  return (
    <div className={style.scrolled} tabIndex={0} role="group" aria-label={t("start.file.first")}>
      <table className={`${style.table} ${style.cut}`}>
        <thead>
          <tr>
            {preview.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, at) => (
            <tr key={at}>
              {preview.columns.map((column, place) => (
                <td key={column}>{row[place]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Sends the file: once to be read and checked, once to start the runs. Each row has a fixed run id: sent twice it starts once. */
function useFile({ segmentId, version, workspace }: Props, businessKey: string) {
  const navigate = useNavigate();
  const post = (chosen: Chosen, dry: boolean) =>
    request("post", "/api/v1/batches", {
      query: { segment_id: segmentId, version, workspace_id: workspace, format: chosen.format, file_name: chosen.file.name, business_key: key, dry_run: dry },
      file: chosen.file,
    });
  const key = businessKey.trim();
  const [report, setReport] = useState<{ of: Report; key: string } | null>(null);
  const check = useMutation({ mutationFn: (chosen: Chosen) => post(chosen, true), onSuccess: (of) => setReport({ of, key }) });
  /** Leaving the field checks again what a key may change. What was found before stays meanwhile: the focus is among it. */
  const checkKey = (chosen: Chosen) => {
    if (report?.key !== key) check.mutate(chosen);
  };
  const checkFile = (chosen: Chosen) => {
    setReport(null);
    check.mutate(chosen);
  };
  const start = useMutation({
    mutationFn: (chosen: Chosen) => post(chosen, false),
    onSuccess: (report) => void navigate({ to: "/batches/$batchId", params: { batchId: report.batch_id } }),
  });
  return { check, checkFile, checkKey, report: report?.of, start };
}

function StartBar({ off, count, busy, onStart }: { off: string | null; count: number | null; busy: boolean; onStart: () => void }) {
  const t = useT();
  const why = useId();
  const stop = off !== null || busy;
  return (
    <div className={style.send}>
      <Button variant="filled" data-disabled={stop} aria-disabled={stop} aria-describedby={why} onClick={() => !stop && onStart()}>
        {count === null ? t("start.file.start.unknown") : t("start.file.start", { count })}
      </Button>
      <span id={why} role="status">
        {busy ? t("start.sending") : off}
      </span>
    </div>
  );
}

export function FilePanel(props: Props) {
  const t = useT();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [businessKey, setBusinessKey] = useState("");
  const { check, checkFile, checkKey, report, start } = useFile(props, businessKey);
  const take = async (file: File) => {
    const kind = formatOf(file.name);
    check.reset();
    start.reset();
    setWrong(kind === null ? file.name : null);
    if (kind === null) return setChosen(null);
    const text = await file.slice(0, LOOK_BYTES).text();
    const next = { file, format: kind, preview: previewOf(kind, text, file.size > LOOK_BYTES) };
    setChosen(next);
    checkFile(next);
  };
  const bad = report?.skipped ?? 0;
  const good = report?.rows == null ? null : report.rows - bad;
  const nothing = report === undefined || check.isPending ? t("start.file.checking") : good === 0 ? t("start.file.none") : null;
  return (
    <div className={style.panel}>
      <Drop onFile={(file) => void take(file)} />
      {wrong !== null && <p role="alert">{t("start.file.wrong", { name: wrong })}</p>}
      {chosen && (
        <>
          <Section title={chosen.file.name} note={format.bytes(chosen.file.size)}>
            <FirstRows preview={chosen.preview} />
            {chosen.preview.more && <p className="secondary">{t("start.file.more")}</p>}
          </Section>
          <TextInput
            label={t("start.key")}
            description={t("start.file.key")}
            value={businessKey}
            classNames={{ input: "mono" }}
            onChange={(event) => setBusinessKey(event.currentTarget.value)}
            onBlur={() => checkKey(chosen)}
          />
          {check.error && <ErrorBlock error={check.error} onRetry={() => check.mutate(chosen)} />}
          {report && <p role="status">{t("start.file.checked", { rows: report.rows ?? 0, bad })}</p>}
          {report && report.bad_rows.length > 0 && <BadRows report={report} />}
          {start.error && <ErrorBlock error={start.error} />}
          <StartBar off={props.off ?? (check.error ? t("start.file.fix") : nothing)} count={good} busy={start.isPending || start.isSuccess} onStart={() => start.mutate(chosen)} />
        </>
      )}
    </div>
  );
}
