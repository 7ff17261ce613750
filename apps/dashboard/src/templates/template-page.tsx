/** The page of one template: a sample at full size, all others small, and what template.json says. */
import { frameSandbox, type View, type Width, widths } from '@posthouse/mailview';
import type { CatalogueTemplate } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { Fact, Facts, Notice, PageHead, Tabs } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import { formatDuration } from '../ui/duration-text.ts';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedMark } from '../ui/paused-mark.tsx';
import { t, text } from '../ui/translate.ts';
import { CountLinks, type TemplateCounts } from './template-list-page.tsx';
import { renderSample, sampleFrameUrl, samplesOf, sampleUrl, type TemplateSample } from './template-samples.ts';
import { Thumbnail } from './thumbnail.tsx';

/** What the page shows. */
export interface TemplatePageProps {
  context: PageContext;
  renderer: Renderer;
  template: CatalogueTemplate;
  /** The sample at full size. */
  shown: TemplateSample | undefined;
  view: View;
  width: Width;
  counts: TemplateCounts | undefined;
}

const widthNames: Record<Width, string> = { '375': text('Phone'), '600': text('600 px'), full: text('Full') };

export function TemplatePage(props: TemplatePageProps): JSX.Element {
  const { context, renderer, template, shown, counts } = props;
  const { name } = template;
  const others = samplesOf(renderer, name);
  return (
    <Layout context={context} title={name} here="/templates" assets={['templates.css']}>
      <PageHead title={name} below={t('Template')}>
        <a class="button quiet" href={mailsUrl({ template: name })} safe>
          {t('Mails of this template')}
        </a>
      </PageHead>
      <PausedMark context={context} scope="template" name={name} />
      <CountLinks name={name} counts={counts} />
      {shown !== undefined && <ShownSample {...props} shown={shown} />}
      <section class="card">
        <h2 safe>{t('All samples')}</h2>
        <ul class="template-grid small">
          {others.map((each) => (
            <li class="template-card">
              <Thumbnail sample={each} title={`${each.sample} ${each.locale}`} />
              <div class="template-text">
                <a href={sampleUrl(each, props.width)} aria-current={isSame(each, shown) ? 'true' : undefined} safe>
                  {`${each.sample} · ${each.locale}`}
                </a>
              </div>
            </li>
          ))}
        </ul>
      </section>
      <Settings template={template} {...renderer.catalogue.inboxLine(name, shown?.locale ?? template.defaultLocale)} />
    </Layout>
  );
}

function isSame(one: TemplateSample, other: TemplateSample | undefined): boolean {
  return one.sample === other?.sample && one.locale === other.locale;
}

function ShownSample({ renderer, template, shown, view, width }: TemplatePageProps & { shown: TemplateSample }): JSX.Element {
  const mail = renderSample(renderer, shown);
  const url = (change: Partial<TemplateSample> & { width?: Width; view?: View }) => {
    const { width: chosen = width, view: seen = view, ...sample } = change;
    return sampleUrl({ ...shown, ...sample }, chosen).replace('#sample', `${seen === 'html' ? '' : `&view=${seen}`}#sample`);
  };
  return (
    <section class="card" id="sample">
      <h2>
        <span class="data-value" safe>
          {mail?.subject ?? shown.sample}
        </span>
      </h2>
      <div class="stack">
        <div class="row choices">
          <Tabs
            label={t('Sample')}
            tabs={Object.keys(template.samples).map((sample) => ({
              name: sample,
              href: url({ sample }),
              current: sample === shown.sample,
            }))}
          />
          <Tabs
            label={t('Language')}
            tabs={template.locales.map((locale) => ({ name: locale, href: url({ locale }), current: locale === shown.locale }))}
          />
          <Tabs
            label={t('Views of the message')}
            tabs={[
              { name: t('HTML'), href: url({ view: 'html' }), current: view === 'html' },
              { name: t('Text'), href: url({ view: 'text' }), current: view === 'text' },
            ]}
          />
          {view === 'html' && (
            <Tabs
              label={t('Width')}
              tabs={widths.map((each) => ({ name: t(widthNames[each]), href: url({ width: each }), current: each === width }))}
            />
          )}
        </div>
        {mail === undefined ? (
          <Notice tone="warn" title={t('The message cannot be shown.')}>
            <p safe>{t('This sample does not render any more. Check the template set.')}</p>
          </Notice>
        ) : view === 'text' ? (
          <pre class="panel" safe>
            {mail.text}
          </pre>
        ) : (
          <section class="frame-area" tabindex="0" aria-label={t('Message')}>
            <iframe class={`w${width}`} src={sampleFrameUrl(shown)} sandbox={frameSandbox} title={mail.subject}></iframe>
          </section>
        )}
      </div>
    </section>
  );
}

/** @param settings.subject and the preheader are those of the chosen language */
function Settings(settings: { template: CatalogueTemplate; subject: string; preheader: string }): JSX.Element {
  const { template, subject, preheader } = settings;
  const { from, locales, priority, expiresInMs, sensitive, keepsContent } = template;
  return (
    <section class="card">
      <h2 safe>{t('Settings')}</h2>
      <Facts>
        <Fact name={t('Subject')}>
          <code class="code" safe>
            {subject}
          </code>
        </Fact>
        <Fact name={t('Preheader')}>
          <code class="code" safe>
            {preheader}
          </code>
        </Fact>
        {from !== undefined && (
          <Fact name={t('Sender')}>
            <code class="code" safe>
              {from}
            </code>
          </Fact>
        )}
        <Fact name={t('Languages')}>
          <span safe>{locales.join(', ')}</span>
        </Fact>
        {priority !== undefined && (
          <Fact name={t('Priority')}>
            <span>{priority}</span>
          </Fact>
        )}
        {expiresInMs !== undefined && (
          <Fact name={t('Expires')}>
            <span safe>{t('{duration} after it is due', { duration: formatDuration(expiresInMs) })}</span>
          </Fact>
        )}
        <Fact name={t('Sensitive values')}>
          {sensitive.length === 0 ? (
            <span safe>{t('none')}</span>
          ) : (
            <code class="code" safe>
              {sensitive.join(', ')}
            </code>
          )}
        </Fact>
        <Fact name={t('Content of sent mails')}>
          <span safe>{keepsContent ? t('kept without the sensitive values') : t('not kept')}</span>
        </Fact>
      </Facts>
    </section>
  );
}
