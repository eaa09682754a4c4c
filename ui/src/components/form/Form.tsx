// The form of a JSON Schema, in Mantine's theme. Loaded when a page needs it (see SchemaForm).
import { Button } from "@mantine/core";
import "@mantine/core/styles/Fieldset.layer.css";
import "@mantine/core/styles/Grid.layer.css";
import "@mantine/core/styles/List.layer.css";
import "@mantine/core/styles/NumberInput.layer.css";
import "@mantine/core/styles/PasswordInput.layer.css";
import "@mantine/core/styles/SimpleGrid.layer.css";
import "@mantine/core/styles/Slider.layer.css";
import "@mantine/core/styles/Text.layer.css";
import "@mantine/core/styles/Title.layer.css";
import "@mantine/dates/styles.layer.css";
import { withTheme } from "@rjsf/core";
import { Theme } from "@rjsf/mantine";
import { englishStringTranslator, type Experimental_DefaultFormStateBehavior, type IconButtonProps, type RJSFSchema, TranslatableString, type UiSchema, type Widget } from "@rjsf/utils";
import { type ReactNode, useMemo } from "react";
import { Icon } from "~/components/basics";
import { type Key, useT } from "~/i18n";
import { announce } from "~/shell/notices/announce";
import { withoutDefaults } from "./defaults";
import style from "./form.module.css";
import { validator } from "./validator";

const NOTHING_DECIDED: Experimental_DefaultFormStateBehavior = {
  constAsDefaults: "never",
  emptyObjectFields: "skipDefaults",
  requiredBooleanDefault: "skip",
  arrayMinItems: { populate: "never" },
  allOf: "skipDefaults",
};

// An unticked box looks like a no: a yes or no is asked with neither chosen.
// Titles of groups are no headings: a form may stand anywhere on a page.
function GroupTitle({ id, title, required = false }: { id?: string; title?: ReactNode; required?: boolean | undefined }) {
  const t = useT();
  if (!title) return null;
  return (
    <p id={id} className={style.title}>
      {title}
      {required && (
        <>
          <span className="mantine-InputWrapper-required" aria-hidden="true">
            {" *"}
          </span>
          <span className="visually-hidden"> {t("components.form.must")}</span>
        </>
      )}
    </p>
  );
}

/** A list grows by a button that says so. */
function AddItem({ id, className, disabled, onClick, registry }: IconButtonProps) {
  return (
    <Button id={id ?? ""} className={className ?? ""} disabled={disabled ?? false} onClick={onClick} leftSection={<Icon name="plus" />}>
      {registry.translateString(TranslatableString.AddItemButton)}
    </Button>
  );
}

const templates: typeof Theme.templates = {
  ...Theme.templates,
  TitleFieldTemplate: GroupTitle,
  ArrayFieldTitleTemplate: ({ title, uiSchema, required }) => <GroupTitle title={uiSchema?.["ui:title"] ?? title} required={required} />,
  ButtonTemplates: { ...Theme.templates?.ButtonTemplates, AddButton: AddItem } as NonNullable<typeof Theme.templates>["ButtonTemplates"] & object,
};

const themed = { ...Theme, templates, widgets: { ...Theme.widgets, CheckboxWidget: Theme.widgets?.RadioWidget as Widget } };
const Themed = withTheme(themed);

const WORDS: Partial<Record<TranslatableString, Key>> = {
  [TranslatableString.YesLabel]: "components.form.yes",
  [TranslatableString.NoLabel]: "components.form.no",
  [TranslatableString.AddButton]: "components.form.add",
  [TranslatableString.AddItemButton]: "components.form.add",
  [TranslatableString.RemoveButton]: "components.form.remove",
  [TranslatableString.MoveUpButton]: "components.form.up",
  [TranslatableString.MoveDownButton]: "components.form.down",
};

export interface SchemaFormProps {
  schema: object;
  uiSchema?: UiSchema;
  /** What the person has filled in so far; undefined: nothing. */
  value: unknown;
  onChange: (value: unknown) => void;
  /** Is called with what fits the schema. */
  onSubmit?: (value: unknown) => void;
  /** The button's text: a verb with its object. Without it there is no button (then `formId` names the form for one). */
  submit?: string;
  formId?: string;
  disabled?: boolean;
  children?: ReactNode;
}

export default function Form({ schema, uiSchema = {}, value, onChange, onSubmit, submit, formId, disabled = false, children }: SchemaFormProps) {
  const t = useT();
  const shown = useMemo(() => withoutDefaults(schema, (left) => t("components.form.left", { value: left })) as RJSFSchema, [schema, t]);
  const button = submit === undefined ? <span hidden /> : <Button type="submit" variant="filled" disabled={disabled}>{submit}</Button>;
  const word = (text: TranslatableString, params?: string[]) => {
    const key = WORDS[text];
    return key ? t(key) : englishStringTranslator(text, params);
  };
  return (
    <div className={style.form}>
      <Themed
        schema={shown}
        uiSchema={uiSchema}
        validator={validator as never}
        formData={value as never}
        {...(formId ? { id: formId } : {})}
        idPrefix={formId ?? "field"}
        disabled={disabled}
        noHtml5Validate
        showErrorList={false}
        focusOnFirstError
        experimental_defaultFormStateBehavior={NOTHING_DECIDED}
        translateString={word}
        onChange={(event) => onChange(event.formData)}
        onSubmit={(event) => onSubmit?.(event.formData)}
        onError={(errors) => announce(t("components.form.errors", { count: errors.length }), "assertive")}
      >
        {children}
        {button}
      </Themed>
    </div>
  );
}
