package djinn.report;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.ShortDecimal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** The one page that all of them are: a frame, a style and scripts in one file, and what they show as JSON within it. */
public final class Page {

    /** What a page may load that is opened from a file: nothing beside itself. */
    static final String ALONE =
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

    /** What a page may load that Djinn serves: its figures and pictures, from where it came. */
    static final String SERVED = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
            + " img-src 'self' data:; connect-src 'self'";

    /** By which a page is known to be Djinn's, and may be written over. */
    private static final String MARK = "<meta name=\"generator\" content=\"Djinn\">";

    private static final List<String> SCRIPTS =
            List.of("page.js", "charts.js", "tables.js", "exhibits.js", "cloud.js", "run.js", "overview.js");
    private static final String CHARTS = "META-INF/resources/webjars/uplot/";
    private static final String CHARTS_VERSION = "META-INF/maven/org.webjars.npm/uplot/pom.properties";
    private static final int HEAD = 2048;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addSerializer(Double.class, new FiniteOrNull())
                    .addSerializer(double.class, new FiniteOrNull()))
            .build();

    private Page() {}

    /** JSON has no NaN. */
    private static final class FiniteOrNull extends ValueSerializer<Double> {

        @Override
        public void serialize(Double number, JsonGenerator out, SerializationContext context) {
            if (!Double.isFinite(number)) {
                out.writeNull();
            } else if (ShortDecimal.of(number) instanceof Float narrow) {
                out.writeNumber(narrow);
            } else {
                out.writeNumber(number);
            }
        }
    }

    /** Returns a value as JSON. */
    static String json(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** Returns JSON that ends no script and breaks no line of one, whatever is in it. */
    static String inScript(Object value) {
        return json(value)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    /**
     * Returns a page.
     *
     * @param title what the window is called
     * @param data what it shows
     * @param policy what it may load
     */
    static String html(String title, Map<String, Object> data, String policy) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("policy", policy);
        parts.put("title", escaped(title));
        parts.put("style", charts("dist/uPlot.min.css") + resource("page.css"));
        parts.put("charts", "/*\n" + charts("LICENSE") + "*/\n" + charts("dist/uPlot.iife.min.js"));
        parts.put("script", SCRIPTS.stream().map(Page::resource).collect(Collectors.joining("\n")));
        parts.put("data", inScript(data));
        StringBuilder html = new StringBuilder();
        // what is filled in is not looked at again: it may hold anything
        String rest = resource("page.html");
        for (int open = rest.indexOf("{{"); open >= 0; open = rest.indexOf("{{")) {
            int close = rest.indexOf("}}", open);
            html.append(rest, 0, open).append(parts.get(rest.substring(open + 2, close)));
            rest = rest.substring(close + 2);
        }
        return html.append(rest).toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the chart library, whichever version of it there is. */
    private static String charts(String file) {
        Properties version = new Properties();
        ClassLoader loader = Page.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(CHARTS_VERSION)) {
            version.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (InputStream in = loader.getResourceAsStream(CHARTS + version.getProperty("version") + "/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Requires that a page may be written: over nothing but an older page of Djinn's.
     *
     * @param file where
     * @throws DataException if something else is there
     */
    public static void requireReplaceable(Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try (InputStream in = Files.newInputStream(file)) {
            if (new String(in.readNBytes(HEAD), StandardCharsets.UTF_8).contains(MARK)) {
                return;
            }
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
        throw new DataException(file
                + ": expected nothing there, or an older page of Djinn's, found another file; it is left alone: name"
                + " another by --to");
    }

    static void write(Path file, String html) {
        requireReplaceable(file);
        AtomicFile.writeText(file, html);
    }
}
