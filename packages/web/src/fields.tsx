/** Form fields, each with its label and, below it, a hint or what is wrong with the value. */

/** A field for one line of text. */
export interface TextFieldProps {
  name: string;
  label: string;
  value?: string | undefined;
  type?: 'text' | 'email' | 'password' | 'number' | 'datetime-local' | 'search';
  hint?: string | undefined;
  /** What is wrong with the value; shown instead of the hint. */
  error?: string | undefined;
  required?: boolean;
  autocomplete?: string;
  /** Whether the keyboard starts here. */
  autofocus?: boolean;
  /** Values to choose from; any other may be typed. */
  suggestions?: readonly string[];
  maxlength?: number;
}

export function TextField(props: TextFieldProps): JSX.Element {
  const { name, label, value, type = 'text', hint, error, required, autocomplete = 'off', autofocus, suggestions = [], maxlength } = props;
  const below = error ?? hint;
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
        autofocus={autofocus}
        maxlength={maxlength}
        list={suggestions.length === 0 ? undefined : `${name}-choices`}
        spellcheck="false"
        autocapitalize="off"
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={below === undefined ? undefined : `${name}-hint`}
      />
      {suggestions.length > 0 && (
        <datalist id={`${name}-choices`}>
          {suggestions.map((value) => (
            <option value={value}></option>
          ))}
        </datalist>
      )}
      {below !== undefined && (
        <p id={`${name}-hint`} class={['hint', error !== undefined && 'error']} safe>
          {below}
        </p>
      )}
    </div>
  );
}

/** A field for one of a few values. */
export interface ChoiceFieldProps {
  name: string;
  label: string;
  choices: readonly { value: string; label: string }[];
  value?: string | undefined;
}

export function ChoiceField({ name, label, choices, value }: ChoiceFieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={name} safe>
        {label}
      </label>
      <select id={name} name={name}>
        {choices.map((choice) => (
          <option value={choice.value} selected={choice.value === value} safe>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}
