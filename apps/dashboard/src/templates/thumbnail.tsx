/** A rendered sample, small. */
import { frameSandbox } from '@posthouse/mailview';
import { sampleFrameUrl, type TemplateSample } from './template-samples.ts';

/**
 * The frame is inert: it is a picture of the mail, whose links are not to be reached from here. The link beside it opens the mail.
 * @param title of the frame
 */
export function Thumbnail({ sample, title }: { sample: TemplateSample; title: string }): JSX.Element {
  return (
    <div class="thumbnail" inert aria-hidden="true">
      <iframe src={sampleFrameUrl(sample)} sandbox={frameSandbox} loading="lazy" tabindex="-1" title={title}></iframe>
    </div>
  );
}
