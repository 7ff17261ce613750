/** A button that changes something: a form of its own, so that it works without JavaScript and says where it goes. */
import { Icon, type IconName } from '@posthouse/web';

/** What is done, and to what. */
export interface ActionFormProps {
  /** The path that the form is sent to. */
  action: string;
  /** What the button says. */
  label: string;
  /** `quiet` beside another one; `danger` for what cannot be undone. */
  kind?: 'quiet' | 'danger';
  icon?: IconName;
  /** Fields that are sent along unseen. */
  fields?: Readonly<Record<string, string>>;
}

/** The form. A reader who may not do it is not shown one: ask `reader.may` first. */
export function ActionForm({ action, label, kind, icon, fields = {} }: ActionFormProps): JSX.Element {
  return (
    <form method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={['button', kind]}>
        {icon !== undefined && <Icon name={icon} />}
        <span safe>{label}</span>
      </button>
    </form>
  );
}
