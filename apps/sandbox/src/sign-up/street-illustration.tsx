/** The illustration of the welcome mail in page width: a street at dusk with one house whose lights are on. */
import type { PropsWithChildren } from '@kitajs/html';

/** @param children shown above the houses, such as a heading */
export function StreetIllustration({ children }: PropsWithChildren): JSX.Element {
  return (
    <section class="street">
      <div class="sky">{children}</div>
      <svg viewBox="0 0 560 250" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
        <g class="far">
          <path d="M-300 118h70v-26h58v158h-128zM-160 250V132l46-34 46 34v118zM40 250V96h64v154zM128 250v-96l40-30 40 30v96zM372 250V84h76v166zM470 250V120h60v-22h44v152zM600 250V110l52-36 52 36v140zM724 250V96h90v154z" />
        </g>
        <g class="near">
          <path d="M-310 250v-74h92v74zM-206 250v-52l48-38 48 38v52zM-84 250v-92h74v92zM-4 250v-72l56-40 56 40v72zM112 250v-44h70v44zM350 250v-88a32 32 0 0 1 64 0v88zM424 250v-58l54-40 54 40v58zM540 250v-96h70v96zM622 250v-66l50-36 50 36v66zM734 250v-80h90v80z" />
        </g>
        <g class="lights">
          <path
            opacity=".55"
            d="M30 196h16v20H30zM60 196h16v20H60zM-62 178h30v12h-30zM372 176a10 10 0 0 1 20 0v14h-20zM560 174h28v12h-28zM664 200h14v18h-14z"
          />
          <path
            opacity=".35"
            d="M62 116h18v14H62zM396 106h12v16h-12zM420 106h12v16h-12zM148 166h12v14h-12zM500 138h14v18h-14zM-260 196h14v18h-14z"
          />
          <path opacity=".8" d="M470 206h16v20h-16z" />
        </g>
        <g>
          <path class="chimney" d="M318 86h18v48h-18z" />
          <path class="wall" d="M206 146h144v104H206z" />
          <path class="roof" d="M278 78l92 68H186z" />
          <path class="frame" d="M226 168h40v44h-40z" />
          <path class="lights" d="M230 172h14v16h-14zM248 172h14v16h-14zM230 192h14v16h-14zM248 192h14v16h-14z" />
          <path class="lights" d="M288 250v-54a24 24 0 0 1 48 0v54z" />
        </g>
      </svg>
    </section>
  );
}
