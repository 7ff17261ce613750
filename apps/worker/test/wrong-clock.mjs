/** Loaded into a process before its program: its clock is an hour ahead until the process gets SIGUSR2. */
const trueNow = Date.now;

Date.now = () => trueNow() + 3_600_000;

process.on('SIGUSR2', () => {
  Date.now = trueNow;
});
