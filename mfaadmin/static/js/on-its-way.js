// A form that is on its way leads on; what is fetched meanwhile tells of a step that is over, and must not lead elsewhere.
const PATIENCE = 60_000; // where somebody stopped the loading, the page goes on

let sentAt = -Infinity;
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.target !== "_blank") sentAt = performance.now();
});

export const isOnItsWay = () => performance.now() - sentAt < PATIENCE;
