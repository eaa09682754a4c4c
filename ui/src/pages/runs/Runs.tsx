// Every run, filtered, counted and followed while it is read.
import { Button, Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Icon, Kbd } from "~/components/basics";
import { FilterField, textOf, tokensOf } from "~/components/list";
import { useT } from "~/i18n";
import { useTopicBatch } from "~/live";
import { Page, useWorkspace } from "~/shell";
import { useRunFields, useSentence } from "./fields";
import { isState, ORDERS, runQuery, toggled } from "./filter";
import { Newer } from "./list/Newer";
import { readCounts } from "./list/reading";
import { RunBody } from "./list/RunBody";
import { Tally } from "./list/Tally";
import { useRunList } from "./list/useRunList";
import { type UsedFilter, useFilter } from "./useFilter";
import { COUNTS_MS, useTabs } from "./views/useViews";
import { Views } from "./views/Views";
import style from "./runs.module.css";

/** Counts of the tally and of the whole filter, read again at most once a second, those of the tabs at most every five. */
function useCounts(filter: UsedFilter, workspace: string | undefined) {
  const queries = useQueryClient();
  const rest = { tokens: filter.tokens.filter((token) => !isState(token)), words: filter.words };
  const key = textOf(rest);
  const tally = useQuery({
    queryKey: ["runs", "tally", key, workspace],
    queryFn: ({ signal }) => readCounts(runQuery(rest, Date.now(), workspace), signal),
    placeholderData: (before) => before,
  });
  const whole = useQuery({
    queryKey: ["runs", "total", filter.text, workspace],
    queryFn: ({ signal }) => readCounts(runQuery(filter, Date.now(), workspace), signal),
  });
  useTopicBatch("counts", null, () => void queries.invalidateQueries({ queryKey: ["runs", "tally"] }), 1_000);
  useTopicBatch("counts", null, () => void queries.invalidateQueries({ queryKey: ["runs", "total"] }), 1_000);
  useTopicBatch("counts", null, () => void queries.invalidateQueries({ queryKey: ["runs", "tab"] }), COUNTS_MS);
  return { tally: tally.data, total: whole.data?.total ?? null };
}

function Order({ filter }: { filter: UsedFilter }) {
  const t = useT();
  return (
    <Select
      className={style.order}
      aria-label={t("runs.order")}
      leftSection={<Icon name="sort" />}
      // Where it is narrow the icon is all there is to press, and what opens is wider than it.
      leftSectionPointerEvents="none"
      comboboxProps={{ width: 180, position: "bottom-end" }}
      data={ORDERS.map((order) => ({ value: order, label: t(`runs.order.${order}`) }))}
      value={filter.order}
      allowDeselect={false}
      onChange={(order) => filter.change({ order: ORDERS.find((one) => one === order) ?? "newest" })}
    />
  );
}

function Start() {
  const t = useT();
  return (
    <Button component={Link} to="/start" leftSection={<Icon name="play" />} rightSection={<span className={style.startKeys}><Kbd keys="n" /></span>}>
      {t("runs.start")}
    </Button>
  );
}

export function Runs() {
  const t = useT();
  const workspace = useWorkspace();
  const filter = useFilter();
  const fields = useRunFields(workspace);
  const sentence = useSentence(fields);
  const { tabs, error, again } = useTabs(workspace);
  const { tally, total } = useCounts(filter, workspace);
  const list = useRunList([filter.text, workspace ?? null], () => ({ query: runQuery(filter, Date.now(), workspace), order: filter.order }));
  const scope = workspace === undefined ? undefined : t("shell.workspace.scope", { workspace });
  return (
    <Page title={t("runs.title")} scope={scope} actions={<Start />}>
      <div className={style.page}>
        <Views error={error} onAgain={again} tabs={tabs} filter={filter.text} onChoose={filter.set} />
        <div className={style.filter}>
          <FilterField page="runs" fields={fields} text={textOf(filter)} onChange={(text) => filter.change(tokensOf(text))} />
          <Order filter={filter} />
        </div>
        <div className={style.tallyLine}>
          <Tally counts={tally} tokens={filter.tokens} onToggle={(state) => filter.change({ tokens: toggled(filter.tokens, state) })} />
          <span className={style.newer}>
            <Newer count={list.data?.list.fresh.length ?? 0} what="runs" keys="." onShow={list.showNewer} />
          </span>
        </div>
        <RunBody key={`${filter.text} ${workspace ?? ""}`} list={list} filter={filter} sentence={sentence(filter)} total={total} workspace={workspace} />
      </div>
    </Page>
  );
}
