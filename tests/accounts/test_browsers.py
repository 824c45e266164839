import pytest

from accounts.browsers import recognised

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("text", "name", "icon"),
    [
        (f"{WINDOWS} {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows", "computer"),
        (f"{WINDOWS} {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome · Windows", "computer"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · macOS", "computer"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
            "phone",
        ),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/140.0 Mobile Safari/537.36", "Chrome · Android", "phone"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/140.0 Safari/537.36", "Chrome · Linux", "computer"),
        ("curl/8.5.0", "Unknown browser", "computer"),
        ("", "Unknown browser", "computer"),
        ("<script>Chrome/1</script>", "Chrome", "computer"),
    ],
)
def test_a_browser_is_called_as_people_call_it(text: str, name: str, icon: str) -> None:
    found = recognised(text)
    assert (str(found.name), found.icon) == (name, icon)
