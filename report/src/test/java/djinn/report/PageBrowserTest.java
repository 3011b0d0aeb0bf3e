package djinn.report;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.training.exhibit.Exhibit;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Pages as a browser shows them; what it saw is in {@code target/screenshots}. */
class PageBrowserTest {

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final double MOST_MILLIS = 5000;

    private static final String RIGHT = "\uE014";
    private static final String ESCAPE = "\uE00C";
    private static final String ENTER = "\uE007";

    /** What a person presses or types into. */
    private static final Set<String> PRESSED = Set.of(
            "button", "link", "textbox", "searchbox", "checkbox", "combobox", "slider", "region", "img", "dialog");

    @TempDir
    private static Path profile;

    @TempDir
    private Path folder;

    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        browser = Browser.start(profile);
    }

    @AfterAll
    static void stop() throws IOException {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void forget() {
        browser.open("about:blank");
        browser.console();
        browser.requests();
    }

    private void open(String html) throws IOException {
        Path file = folder.resolve("page.html");
        Files.writeString(file, html, StandardCharsets.UTF_8);
        browser.open(file.toUri().toString());
    }

    private static String resource(String name) throws IOException {
        try (var in = PageBrowserTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Looks at the page in both widths and both colours; at the smaller pages not in each of both. */
    private void inspect(String name) throws IOException, InterruptedException {
        for (String scheme : List.of("light", "dark")) {
            for (int width : new int[] {1280, 400}) {
                if (!name.equals("report") && (width == 400) != scheme.equals("dark")) {
                    continue;
                }
                browser.look(width, 900, scheme);
                browser.run("scrollTo(0, 0); document.querySelectorAll('.chart').forEach(c => c.draw && c.draw());"
                        + "document.querySelectorAll('img').forEach(i => i.loading = 'eager')");
                browser.await(
                        "return new Promise(done => requestAnimationFrame(() => setTimeout(() => done(true), 60)))");
                browser.picture(SCREENSHOTS.resolve(name + "-" + width + "-" + scheme + ".png"), true);
                assertThat(browser.run("return document.documentElement.scrollWidth")
                                .asInt())
                        .as(name + " at " + width + " pixels scrolls sideways")
                        .isLessThanOrEqualTo(width);
                assertThat(texts(browser.run(resource("overlaps.js"))))
                        .as(name + " at " + width + " pixels, " + scheme + ": texts that lie over each other")
                        .isEmpty();
            }
            assertThat(texts(browser.run(resource("contrast.js"))))
                    .as(name + ", " + scheme + ": texts that are too pale")
                    .isEmpty();
        }
        browser.look(1280, 900, "light");
        assertThat(nameless()).as(name).isEmpty();
        assertThat(texts(browser.run("let last = 0; return [...document.querySelectorAll('h1,h2,h3,h4')]"
                        + ".filter(h => { const level = +h.tagName[1], bad = level > last + 1; last = level; return bad; })"
                        + ".map(h => h.textContent)")))
                .as(name + ": headings that leave a level out")
                .isEmpty();
        assertThat(browser.console()).as(name).isEmpty();
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asString()));
        return texts;
    }

    /** What is pressed and has no name for those who do not see it. */
    private static List<String> nameless() {
        List<String> found = new ArrayList<>();
        browser.devtools("Accessibility.getFullAXTree", Map.of()).get("nodes").forEach(node -> {
            boolean isSeen = !node.path("ignored").asBoolean();
            String role = node.at("/role/value").asString("");
            if (isSeen
                    && PRESSED.contains(role)
                    && node.at("/name/value").asString("").isBlank()) {
                found.add(role + " " + node.path("backendDOMNodeId"));
            }
        });
        return found;
    }

    private String example() throws IOException {
        RunFolder run = ExampleRun.write(folder, "digits");
        return Report.of(run, ExampleRun.trained(ExampleRun.exhibits(12))).html();
    }

    @Test
    void aReportIsShownWholeAndAloneAndAtOnce() throws Exception {
        open(example());
        double millis = 0;
        // the document is complete a moment before its load event has ended, and the end is 0 until then
        for (int i = 0; i < 100 && millis == 0; i++) {
            millis = browser.run("const t = performance.getEntriesByType('navigation')[0];"
                            + "return Math.max(0, t.loadEventEnd - t.startTime)")
                    .asDouble();
        }
        System.getLogger("test").log(System.Logger.Level.INFO, "the report loads in {0} ms", millis);
        assertThat(millis).isPositive().isLessThan(MOST_MILLIS);
        inspect("report");
        assertThat(browser.requests()).allMatch(url -> url.matches("file:.*/page\\.html|about:blank"));
        // a name stays a name
        assertThat(browser.run("return document.title").asString()).isEqualTo("digits");
        assertThat(browser.run("return document.body.textContent.includes(arguments[0])", ExampleRun.SCRIPT)
                        .asBoolean())
                .isTrue();
        assertThat(
                        texts(
                                browser.run(
                                        "return [...document.querySelectorAll('main > section:not([hidden]) > h2')].map(h => h.textContent)")))
                .containsExactly("Curves", "What the model does", "Layers", "Recipe", "Environment", "Log");
        assertThat(browser.run("return document.querySelector('.facts').textContent")
                        .asString())
                .contains("94.00 % at epoch 4", "5 of 5", "finished");
        assertThat(texts(browser.run(
                        "return [...document.querySelectorAll('#recipe tr.changed th')].map(h => h.textContent)")))
                .contains("seed", "schedule.name")
                .doesNotContain("train.batch_size", "train.epochs");
    }

    @Test
    void aReportAnswersToClicksAndKeys() throws Exception {
        browser.look(1280, 900, "light");
        open(example());
        String column =
                "return [...document.querySelectorAll('#exhibits .list')[0].querySelectorAll('tbody td:nth-child(2)')]"
                        + ".map(c => +c.textContent)";
        browser.click("#exhibits .list thead th:nth-child(2) button");
        List<Integer> down = new ArrayList<>();
        browser.run(column).forEach(cell -> down.add(cell.asInt()));
        assertThat(down).hasSize(10).isSortedAccordingTo((one, other) -> other - one);
        browser.click("#exhibits .list thead th:nth-child(2) button");
        assertThat(browser.run("return document.querySelector('#exhibits .list thead th:nth-child(2)').ariaSort")
                        .asString())
                .isEqualTo("ascending");
        assertThat(browser.run(column).get(0).asInt()).isEqualTo(36);

        String tiles = "return document.querySelectorAll('#exhibits .tiles .tile').length";
        assertThat(browser.run(tiles).asInt()).isEqualTo(12);
        browser.click("[aria-label='Which of Mistakes first'] button:nth-child(2)");
        assertThat(browser.run(tiles).asInt()).isEqualTo(4);
        browser.run("document.querySelector('#exhibits .tile').focus()");
        browser.press(ENTER);
        String viewer = "return document.getElementById('viewer-name').textContent";
        assertThat(browser.run("return document.getElementById('viewer').open").asBoolean())
                .isTrue();
        assertThat(browser.run(viewer).asString()).isEqualTo("image 1");
        assertThat(browser.run("const i = document.querySelector('dialog img');"
                                + "return getComputedStyle(i).imageRendering + ' ' + i.width")
                        .asString())
                .isEqualTo("pixelated 416");
        browser.press(RIGHT);
        assertThat(browser.run(viewer).asString()).isEqualTo("image 4");
        browser.picture(SCREENSHOTS.resolve("viewer.png"), false);
        assertThat(nameless()).isEmpty();
        browser.press(ESCAPE);
        assertThat(browser.run("return document.getElementById('viewer').open").asBoolean())
                .isFalse();

        browser.run("document.querySelector('.matrix tbody td').focus()");
        browser.press(RIGHT);
        assertThat(browser.run("return document.querySelector('.told').textContent")
                        .asString())
                .isEqualTo("0 of 34 zero were taken for one (0.0 %)");

        assertThat(browser.run("return document.documentElement.dataset.theme").asString())
                .isEqualTo("light");
        browser.click("#theme");
        assertThat(browser.run("return document.documentElement.dataset.theme").asString())
                .isEqualTo("dark");
        browser.click("#theme");
    }

    @Test
    void aChartIsZoomedAndReadByMouseAndKeys() throws Exception {
        browser.look(1280, 900, "light");
        open(example());
        browser.run("scrollTo({top: 0, behavior: 'instant'})");
        browser.await("return document.querySelectorAll('.chart canvas').length > 1");
        JsonNode box = browser.run("document.querySelector('#curves').scrollIntoView({behavior: 'instant'});"
                + "const r = document.querySelector('.chart .u-over').getBoundingClientRect();"
                + "return [r.left, r.top, r.width, r.height]");
        int left = box.get(0).asInt();
        int middle = box.get(1).asInt() + box.get(3).asInt() / 2;
        int width = box.get(2).asInt();
        String scale = "const s = document.querySelector('#curves .part').chart.plot().scales.x; return [s.min, s.max]";
        assertThat(browser.run(scale).get(1).asDouble()).isEqualTo(5);
        // from the second to the fourth of five epochs
        browser.drag(left + width / 4, middle, left + 3 * width / 4, middle);
        assertThat(browser.run(scale).get(0).asDouble()).isBetween(1.9, 2.1);
        assertThat(browser.run(scale).get(1).asDouble()).isBetween(3.9, 4.1);
        browser.click("#curves [aria-label^='Show all of']");
        assertThat(browser.run(scale).get(0).asDouble()).isEqualTo(1);

        browser.run("document.querySelector('.chart').focus()");
        browser.press("\uE011", RIGHT); // home, then right
        assertThat(browser.run("return document.querySelector('#curves .at').textContent")
                        .asString())
                .isEqualTo("epoch 2");
        assertThat(
                        texts(
                                browser.run(
                                        "return [...document.querySelectorAll('#curves .part')[0].querySelectorAll('.legend .value')].map(v => v.textContent)")))
                .containsExactly("1", "0.75");
        browser.click("#curves [aria-label^='Logarithmic']");
        assertThat(browser.run("return document.querySelector('#curves .part').chart.plot().scales.y.distr")
                        .asInt())
                .isEqualTo(3);
        browser.click("#curves .part details summary");
        assertThat(browser.run("return document.querySelectorAll('#curves .part details tbody tr').length")
                        .asInt())
                .isEqualTo(5);
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void manyClassesAndWhatIsMissingAreShown() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            names.add("class number " + i);
        }
        List<Exhibit> exhibits = List.of(ExampleRun.matrix(names));
        RunFolder run = ExampleRun.write(folder, "many");
        Files.delete(run.file("results.csv"));
        open(Report.of(run, ExampleRun.trained(exhibits)).html());
        inspect("many");
        assertThat(browser.run("return document.querySelector('.missing').textContent")
                        .asString())
                .contains("no epoch is over yet", "djinn train --resume");
        assertThat(browser.run("return document.querySelectorAll('#exhibits .list tbody tr').length")
                        .asInt())
                .isEqualTo(20);
        browser.run("document.querySelector('canvas.heat').focus()");
        browser.press(RIGHT, RIGHT);
        assertThat(browser.run("return document.querySelector('.told').textContent")
                        .asString())
                .isEqualTo("0 of 34 class number 0 were taken for class number 2 (0.0 %)");
    }

    @Test
    void aComparisonIsShown() throws Exception {
        RunFolder first = ExampleRun.write(folder, "first");
        RunFolder second = ExampleRun.write(folder, "second", "optimizer.lr=0.05", "train.epochs=8");
        open(Comparison.of(List.of(first, second)).html());
        inspect("comparison");
        assertThat(texts(browser.run(
                        "return [...document.querySelectorAll('#recipes tbody tr')].map(r => r.textContent)")))
                .containsExactly("optimizer.lr0.10.05", "train.epochs58");
        assertThat(browser.run("return document.querySelectorAll('#figures tbody tr').length")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void aBoardGrowsWhileItIsLookedAt() throws Exception {
        RunFolder run = ExampleRun.write(folder.resolve("runs"), "digits and more");
        Files.writeString(run.file("results.csv"), ExampleRun.results(3));
        ExampleRun.log(run.path(), "epoch 3/5");
        Files.createDirectories(folder.resolve("runs").resolve("no run"));
        try (Board board = Board.open(folder.resolve("runs"), 0)) {
            browser.look(1280, 900, "light");
            browser.open(board.address());
            browser.await("return document.querySelectorAll('#runs tbody tr').length == 1");
            inspect("overview");
            assertThat(browser.run("return document.body.textContent").asString())
                    .contains("1 folder is no run", "running?", "93.00 %");
            browser.click("#runs tbody a");
            browser.await("return document.querySelectorAll('.chart canvas').length > 1");
            inspect("growing");
            assertThat(browser.run("return document.body.textContent").asString())
                    .contains("djinn report");
            String chart = "document.querySelector('#curves .part').chart.plot()";
            browser.run(
                    chart
                            + ".setScale('x', {min: 1.5, max: 2.5}); scrollTo({top: 300, behavior: 'instant'}); window.same = true");
            Files.writeString(run.file("results.csv"), ExampleRun.results(5));
            ExampleRun.log(run.path(), "done at step 115: best epoch 4");
            browser.await("return document.getElementById('status').textContent == 'finished'");
            assertThat(browser.run("return " + chart + ".data[0].length").asInt())
                    .isEqualTo(5);
            assertThat(browser.run("const s = " + chart + ".scales.x; return s.min + ' ' + s.max")
                            .asString())
                    .isEqualTo("1.5 2.5");
            assertThat(browser.run("return window.same === true && scrollY === 300")
                            .asBoolean())
                    .isTrue();
            assertThat(browser.requests())
                    .allMatch(url -> url.startsWith(board.address()) || url.equals("about:blank"));
            browser.open("about:blank");
        }
    }
}
