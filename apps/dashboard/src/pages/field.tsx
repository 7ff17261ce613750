/** Fields of a form, each with its name, and what is wrong with it beside it. */

/** What is typed. */
export interface TextFieldProps {
  name: string;
  label: string;
  value?: string | undefined;
  type?: 'text' | 'password' | 'number' | 'datetime-local' | 'search';
  hint?: string | undefined;
  /** What is wrong with the value. */
  fault?: string | undefined;
  required?: boolean;
  autocomplete?: string;
  list?: string;
}

/** A line of text. */
export function TextField({
  name,
  label,
  value,
  type = 'text',
  hint,
  fault,
  required,
  autocomplete = 'off',
  list,
}: TextFieldProps): JSX.Element {
  const below = fault ?? hint;
  return (
    <div class="field">
      <label for={name} safe>
        {label}
      </label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        required={required}
        autocomplete={autocomplete}
        list={list}
        spellcheck="false"
        aria-invalid={fault === undefined ? undefined : 'true'}
        aria-describedby={below === undefined ? undefined : `${name}-below`}
      />
      {below !== undefined && (
        <p id={`${name}-below`} class={fault === undefined ? 'soft' : 'fault'} safe>
          {below}
        </p>
      )}
    </div>
  );
}

/** What is chosen. */
export interface ChoiceFieldProps {
  name: string;
  label: string;
  choices: readonly { value: string; word: string }[];
  value?: string | undefined;
}

/** One of a few words. */
export function ChoiceField({ name, label, choices, value }: ChoiceFieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={name} safe>
        {label}
      </label>
      <select id={name} name={name}>
        {choices.map((choice) => (
          <option value={choice.value} selected={choice.value === value} safe>
            {choice.word}
          </option>
        ))}
      </select>
    </div>
  );
}
