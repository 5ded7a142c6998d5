'use client';
/**
 * The button of a form. While the form is being sent, it keeps its size and its words, and a hairline runs
 * along it.
 */
import { Button } from '@base-ui/react/button';
import { useFormStatus } from 'react-dom';

type Submit = {
  label: string;
  pendingLabel: string;
  look?: 'primary' | 'plain';
  /** For a form that is not sent by an action. */
  isPending?: boolean;
};

const looks = {
  primary: 'bg-brass text-on-brass hover:bg-brass-deep',
  plain: 'border border-edge hover:bg-sheet',
};

export function SubmitButton({ label, pendingLabel, look = 'primary', isPending }: Submit) {
  const status = useFormStatus();
  const pending = isPending ?? status.pending;
  return (
    <Button
      type="submit"
      disabled={pending}
      focusableWhenDisabled
      className={`relative min-h-11 cursor-pointer rounded-control px-5 font-semibold data-disabled:cursor-progress ${looks[look]}`}
    >
      {label}
      <span className="sr-only" role="status">
        {pending ? pendingLabel : ''}
      </span>
      <span
        aria-hidden="true"
        className={`absolute inset-x-5 bottom-2 h-px ${pending ? 'pending-line' : ''}`}
      />
    </Button>
  );
}
