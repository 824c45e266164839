// A page that answered a form is remembered as a plain page: Back and Reload show it anew instead of asking to send the form again.
history.replaceState(history.state, "", location.href);
