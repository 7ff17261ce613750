/** The form of a mail's data, made from the JSON Schema of its template. */
import { pointerTo } from '@posthouse/contract';
import { type FieldSchema, isObject, kindOf, resolveSchema } from './schema-field.ts';

interface FieldProps {
  root: FieldSchema;
  schema: FieldSchema;
  value: unknown;
  path: readonly (string | number)[];
  label: string;
  isRequired: boolean;
}

/** The fields of the data of a template. @param data of any form */
export function DataFields({ schema, data }: { schema: FieldSchema; data: Record<string, unknown> }): JSX.Element {
  const { properties = {}, required = [] } = schema;
  const names = [...new Set([...Object.keys(properties), ...Object.keys(data)])];
  if (names.length === 0) return <p class="muted">This template takes no data.</p>;
  return (
    <>
      {names.map((name) => (
        <Field
          root={schema}
          schema={resolveSchema(schema, properties[name])}
          value={data[name]}
          path={[name]}
          label={name}
          isRequired={required.includes(name)}
        />
      ))}
    </>
  );
}

function Field(props: FieldProps): JSX.Element {
  switch (kindOf(props.schema, props.value, props.path.length)) {
    case 'object':
      return <ObjectField {...props} />;
    case 'array':
      return <ListField {...props} />;
    case 'enum':
      return <ChoiceField {...props} kind="enum" choices={props.schema.enum ?? [props.schema.const]} />;
    case 'boolean':
      return <ChoiceField {...props} kind="boolean" choices={[true, false]} />;
    case 'json':
      return <TextField {...props} kind="json" text={props.value === undefined ? '' : JSON.stringify(props.value, null, 2)} isLong />;
    case 'number':
      return <TextField {...props} kind="number" text={props.value === undefined ? '' : String(props.value)} />;
    default: {
      const text = typeof props.value === 'string' ? props.value : '';
      return <TextField {...props} kind="string" text={text} isLong={text.length > 60 || text.includes('\n')} />;
    }
  }
}

function fieldName(kind: string, { isRequired, path }: FieldProps): string {
  return `${kind}${isRequired ? '' : '?'}:${pointerTo(path)}`;
}

function idOf({ path }: FieldProps): string {
  return `data${pointerTo(path)}`;
}

function Label(props: FieldProps & { isGroup?: boolean }): JSX.Element {
  const { label, isRequired, schema } = props;
  const Tag = props.isGroup ? 'legend' : 'label';
  return (
    <Tag for={props.isGroup ? undefined : idOf(props)}>
      <span safe>{label}</span> <span class="muted hint-type" safe>{`${describe(schema)}${isRequired ? '' : ', optional'}`}</span>
    </Tag>
  );
}

function describe({ type, format, enum: values, maxLength }: FieldSchema): string {
  const name = values === undefined ? (format ?? [type ?? 'any value'].flat().join(' or ')) : 'one of these';
  return maxLength === undefined ? name : `${name}, at most ${maxLength}`;
}

function Below(props: FieldProps): JSX.Element {
  const { description } = props.schema;
  return (
    <>
      {description !== undefined && (
        <p class="hint" safe>
          {description}
        </p>
      )}
      <p class="hint error" id={`${idOf(props)}-issue`} data-issue={`/data${pointerTo(props.path)}`} hidden></p>
    </>
  );
}

function TextField(props: FieldProps & { kind: string; text: string; isLong?: boolean }): JSX.Element {
  const { kind, text, isLong = false } = props;
  const common = {
    id: idOf(props),
    name: fieldName(kind, props),
    spellcheck: 'false' as const,
    autocomplete: 'off',
    'aria-describedby': `${idOf(props)}-issue`,
  };
  return (
    <div class="field">
      <Label {...props} />
      {isLong ? (
        <textarea
          {...common}
          rows={Math.min(8, Math.max(2, text.split('\n').length, Math.ceil(text.length / 48))).toString()}
          class={kind === 'json' ? 'code' : undefined}
          safe
        >
          {`\n${text}`}
        </textarea>
      ) : (
        <input {...common} value={text} inputmode={kind === 'number' ? 'decimal' : undefined} />
      )}
      <Below {...props} />
    </div>
  );
}

/** One of a few values. A value that is none of them stays, so that the check can say so. */
function ChoiceField(props: FieldProps & { kind: string; choices: readonly unknown[] }): JSX.Element {
  const { kind, choices, value, isRequired } = props;
  const all = value === undefined || choices.some((choice) => choice === value) ? choices : [...choices, value];
  return (
    <div class="field">
      <Label {...props} />
      <select id={idOf(props)} name={fieldName(kind, props)} aria-describedby={`${idOf(props)}-issue`}>
        {(!isRequired || value === undefined) && <option value="">(none)</option>}
        {all.map((choice) => (
          <option value={JSON.stringify(choice)} selected={choice === value} safe>
            {typeof choice === 'string' ? choice : JSON.stringify(choice)}
          </option>
        ))}
      </select>
      <Below {...props} />
    </div>
  );
}

function ObjectField(props: FieldProps): JSX.Element {
  const { root, schema, path } = props;
  const value = isObject(props.value) ? props.value : {};
  const { properties = {}, required = [] } = schema;
  return (
    <fieldset class="group">
      <Label {...props} isGroup />
      <input type="hidden" name={fieldName('object', props)} value="" />
      {[...new Set([...Object.keys(properties), ...Object.keys(value)])].map((name) => (
        <Field
          root={root}
          schema={resolveSchema(root, properties[name])}
          value={value[name]}
          path={[...path, name]}
          label={name}
          isRequired={required.includes(name)}
        />
      ))}
      <Below {...props} />
    </fieldset>
  );
}

function ListField(props: FieldProps): JSX.Element {
  const { root, schema, path, label } = props;
  const entries: unknown[] = Array.isArray(props.value) ? props.value : [];
  const items = resolveSchema(root, Array.isArray(schema.items) ? {} : schema.items);
  return (
    <fieldset class="group">
      <Label {...props} isGroup />
      <input type="hidden" name={fieldName('array', props)} value={String(entries.length)} />
      {entries.map((entry, index) => (
        <div class="entry">
          <Field root={root} schema={items} value={entry} path={[...path, index]} label={String(index + 1)} isRequired />
          <button
            type="button"
            class="button quiet"
            name="remove"
            value={pointerTo([...path, index])}
            aria-label={`Remove entry ${index + 1} of ${label}`}
          >
            Remove
          </button>
        </div>
      ))}
      <Below {...props} />
      <button type="button" class="button quiet" name="add" value={pointerTo(path)} aria-label={`Add an entry to ${label}`}>
        Add an entry
      </button>
    </fieldset>
  );
}
