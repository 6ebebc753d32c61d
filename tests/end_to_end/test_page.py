"""The page at ``/`` in a real browser."""

import shutil

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (Debian package chromium)"
)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, server):
    """The open page; console messages, errors and requests to other hosts fail the test."""
    opened = browser.new_page(viewport={"width": 1100, "height": 800})
    unexpected: list[str] = []
    opened.on("console", lambda message: unexpected.append(message.text))
    opened.on("pageerror", lambda error: unexpected.append(str(error)))
    opened.on(
        "request",
        lambda request: request.url.startswith(server.url) or unexpected.append(request.url),
    )
    opened.goto(f"{server.url}/")
    yield opened
    opened.close()
    # The browser logs 4xx responses and broken connections, which tests provoke.
    expected = ("status of 422", "ERR_CONNECTION_RESET")
    assert [m for m in unexpected if not any(part in m for part in expected)] == []


def enrich(page: Page, text: str, title: str = "") -> None:
    page.get_by_role("textbox", name="Title").fill(title)
    page.get_by_role("textbox", name="Article").fill(text)
    page.get_by_role("button", name="Enrich").click()


def test_mentions_are_marked_at_the_right_place_beside_emoji(page: Page):
    enrich(page, "🎉🎉 Yesterday Joe Biden met Shigeru Ishiba in Peru 🇵🇪.", "Biden in Peru")
    expect(page.locator("#article h3 mark").first).to_have_text("Biden")
    marks = page.locator("#article div mark")
    expect(marks).to_have_text(["Joe Biden", "Shigeru Ishiba", "Peru"])
    assert page.locator("#article div").inner_text() == (
        "🎉🎉 Yesterday Joe Biden met Shigeru Ishiba in Peru 🇵🇪."
    )
    expect(page.locator("#verdict strong")).not_to_be_empty()


def test_quoted_speakers_are_shown_apart_from_the_article(page: Page):
    enrich(page, 'Joe Biden left Peru. "It was a splendid week," said Shigeru Ishiba.')
    expect(page.locator("#voices li")).to_have_count(2)
    expect(page.locator("#voices li").first).to_contain_text("In its own words: ")
    expect(page.locator("#voices li").nth(1)).to_contain_text("Quoting Shigeru Ishiba: Positive")
    page.locator(".sentence").nth(1).hover()
    expect(page.locator("#sentence")).to_contain_text(", quoted from Shigeru Ishiba")


def test_a_score_that_rounds_to_zero_has_no_sign(page: Page):
    scores = page.evaluate("[-0.004, 0, 0.004, -0.3, 0.3].map(signed)")
    assert scores == ["0.00", "0.00", "0.00", "−0.30", "+0.30"]


def test_markup_in_an_article_is_displayed_not_executed(page: Page):
    text = "<img src=x onerror=alert(1)> Joe Biden said <script>alert(2)</script> <b>no</b>."
    enrich(page, text)
    expect(page.locator("#article div")).to_have_text(text)
    assert page.locator("#article img, #article script, #article b").count() == 0


def test_error_responses_are_displayed(page: Page):
    enrich(page, "   ")
    expect(page.get_by_role("alert")).to_contain_text("Must not be empty or blank")
    enrich(page, "Die Bundesregierung hat am Mittwoch beschlossen, die Steuern zu senken.")
    expect(page.get_by_role("alert")).to_contain_text("'de'")
    enrich(page, "Joe Biden spoke to reporters in Washington on Monday.")
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("#result")).to_be_visible()


def test_one_of_several_models_can_be_selected(page: Page):
    choice = page.get_by_role("combobox", name="Model")
    expect(choice).to_be_hidden()
    listed = {"default": "german", "models": [{"name": "english"}, {"name": "german"}]}
    page.route("**/v1/models", lambda route: route.fulfill(json=listed))
    page.reload()
    expect(choice).to_have_value("german")
    choice.select_option("english")
    enrich(page, "Joe Biden spoke.")
    expect(page.get_by_role("alert")).to_contain_text("'english' is not one of: default.")


def test_an_unreachable_server_is_reported(page: Page):
    page.route("**/v1/enrich*", lambda route: route.abort("connectionreset"))
    enrich(page, "Joe Biden spoke.")
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")


def test_the_page_can_be_used_with_the_keyboard(page: Page):
    page.get_by_role("textbox", name="Article").focus()
    page.keyboard.type("Joe Biden left. Shigeru Ishiba stayed in Tokyo.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict-heading")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".sentence").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".sentence").nth(1)).to_be_focused()
    expect(page.locator("#sentence")).to_contain_text("Sentence: ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    chosen = page.locator("#entities button").first
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.locator("mark.picked").first).to_have_text(chosen.inner_text())


def test_the_curl_line_is_quoted_for_the_shell(page: Page):
    enrich(page, "It's Joe Biden's day.")
    expect(page.locator("#curl")).to_contain_text(r"It'\''s Joe Biden'\''s day.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_narrow_screen(page: Page, scheme):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    enrich(page, "Joe Biden " + "w" * 200 + " met Shigeru Ishiba.", "T" * 120)
    expect(page.locator("#result")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


PLACES = (
    "Joe Biden flew from London to Belfast in the United Kingdom on 12 March 2026 with £20 million."
)


def test_links_lead_to_the_entries(page: Page):
    enrich(page, f"{PLACES} Shares in Vodafone Group plc rose.")
    links = page.locator("#entities .link a")
    expect(links).to_have_count(4)
    targets = {link.inner_text(): link.get_attribute("href") for link in links.all()}
    assert targets["London, GB"] == "https://sws.geonames.org/2643743/"
    assert targets["United Kingdom"] == "https://www.wikidata.org/wiki/Q145"
    assert targets["Vodafone (XLON: VOD)"] == "https://en.wikipedia.org/wiki/Vodafone"
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer"}


def test_places_are_on_a_map_that_zooms_to_them(page: Page):
    enrich(page, PLACES)
    plan = page.get_by_role("img", name="Map of ")
    expect(plan).to_be_visible()
    expect(plan.locator("circle.dot")).to_have_count(2)
    expect(plan.locator("circle.ring title")).to_have_text(["United Kingdom"])
    expect(plan.locator("text")).to_contain_text(["London"])
    near = plan.locator("g").get_attribute("transform")
    enrich(page, "Joe Biden flew from London to Sydney in Australia.")
    expect(plan.locator("circle.ring title")).to_have_text(["Australia"])
    assert plan.locator("g").get_attribute("transform") != near
    enrich(page, "Joe Biden spoke.")
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("#map")).to_be_hidden()


def test_dates_and_amounts_are_listed_with_their_values(page: Page):
    enrich(page, PLACES)
    expect(page.locator("#values li")).to_have_text(
        ["12 March 20262026-03-12", "£20 millionGBP 20,000,000"]
    )
    enrich(page, "Joe Biden spoke.")
    expect(page.locator("#dates")).to_be_hidden()


def test_articles_without_values_are_shown_all_the_same(page: Page):
    """A model of several languages finds values in English articles only."""
    detail = "'values' are found in 'en' only; the article was read as 'fr'."
    problem = {"status": 422, "errors": [{"detail": detail, "parameter": "features"}]}
    page.route("**/v1/enrich?*values*", lambda route: route.fulfill(status=422, json=problem))
    enrich(page, PLACES)
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("#curl")).not_to_contain_text("values")
