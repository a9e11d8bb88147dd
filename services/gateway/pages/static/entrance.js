// A sign-in link holds its code after the "#", which no server and no log gets to see. It is put
// into the form, and out of the address, so that the browser's history does not keep it.
const code = new URLSearchParams(location.hash.slice(1)).get("code");
if (code) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("token").value = code;
  document.getElementById("from-link").hidden = false;
  document.querySelector("form[action='/enter'] button").focus();
}
