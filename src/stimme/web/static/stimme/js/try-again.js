// The page of a vote that has to wait sends it again by itself; a little later for some than
// for others, so that they do not all come back at once.
const SECONDS = 1 + Math.random() * 4;

setTimeout(() => document.getElementById("again").requestSubmit(), SECONDS * 1000);
