import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { meQuery, request } from "~/api";
import { ErrorBlock } from "~/components/feedback";
import { useT } from "~/i18n";
import { Logo } from "./sidebar/Logo";
import style from "./shell.module.css";

/** Exchanges an API key for the cookie of a session. `ended`: there was one, and it is over. */
export function Login({ ended }: { ended: boolean }) {
  const t = useT();
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [missing, setMissing] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setMissing(key.trim() === "");
    setError(null);
    if (key.trim() === "") return;
    try {
      await request("post", "/api/v1/session", { body: { key: key.trim() } });
      await queries.resetQueries();
      await queries.fetchQuery({ ...meQuery, staleTime: 0 });
    } catch (thrown) {
      setError(thrown);
    }
  };
  return (
    <main className={style.login}>
      <form onSubmit={(event) => void submit(event)}>
        <Logo />
        <h1>{t("shell.login.title")}</h1>
        <p className="muted">{ended ? t("shell.login.ended") : t("shell.login.hint")}</p>
        <TextInput
          type="password"
          label={t("shell.login.key")}
          autoComplete="off"
          name="key"
          data-autofocus
          value={key}
          error={missing ? t("shell.login.missing") : null}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        {error !== null && <ErrorBlock error={error} />}
        <Button type="submit" variant="filled">
          {t("shell.login.submit")}
        </Button>
      </form>
    </main>
  );
}
